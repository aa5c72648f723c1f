-- up
alter table cars add column mileage integer;
-- down
alter table cars drop column mileage;
