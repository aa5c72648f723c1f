-- expects: key-not-online
-- up
alter table dealers add constraint dealers_name_unique unique (name);
-- down
alter table dealers drop constraint dealers_name_unique;
