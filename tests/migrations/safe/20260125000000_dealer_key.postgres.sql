-- up
alter table cars add constraint cars_dealer_key foreign key (dealer_id) references dealers (id) not valid;
-- down
alter table cars drop constraint cars_dealer_key;
