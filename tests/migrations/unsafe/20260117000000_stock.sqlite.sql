-- expects: not-null-without-default
-- up
alter table cars add column stock integer not null;
-- down
alter table cars drop column stock;
