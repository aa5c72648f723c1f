-- expects: not-null-without-default
-- up
alter table cars add column mileage integer not null;
-- down
alter table cars drop column mileage;
