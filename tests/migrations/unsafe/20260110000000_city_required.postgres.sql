-- expects: set-not-null
-- up
alter table dealers alter city set not null;
-- down
alter table dealers alter city drop not null;
