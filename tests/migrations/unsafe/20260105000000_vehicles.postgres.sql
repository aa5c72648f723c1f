-- expects: rename-table
-- up
alter table public.cars rename to vehicles;
-- down
alter table vehicles rename to cars;
