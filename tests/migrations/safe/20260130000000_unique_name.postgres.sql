-- transaction: false
-- up
create unique index concurrently dealers_name_unique on dealers (name);
alter table dealers add constraint dealers_name_unique unique using index dealers_name_unique;
-- down
alter table dealers drop constraint dealers_name_unique;
