-- expects: type-change
-- up
-- numbers of this size were never expected
alter table cars alter column price type bigint;
-- down
alter table cars alter column price type integer;
