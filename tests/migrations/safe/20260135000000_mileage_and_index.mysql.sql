-- up
alter table cars add column mileage int null, add index cars_mileage_index (mileage);
create unique index dealers_name_unique on dealers (name);
-- down
alter table cars drop column mileage;
drop index dealers_name_unique on dealers;
