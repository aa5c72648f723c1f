-- expects: missing-lock-timeout
-- up
set lock_timeout = 0;
alter table dealers alter column city set default 'Berlin';
-- down
alter table dealers alter column city drop default;
