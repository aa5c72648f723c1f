-- up
alter table cars validate constraint cars_dealer_id_foreign;
-- down
select 1;
