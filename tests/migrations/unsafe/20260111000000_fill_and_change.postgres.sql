-- expects: data-and-schema-mixed
-- up
alter table dealers add column country text;
update dealers set country = 'DE' where city like 'B%';
-- down
alter table dealers drop column country;
