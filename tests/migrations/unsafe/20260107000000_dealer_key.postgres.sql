-- expects: constraint-validates
-- up
alter table cars
  add constraint cars_dealer_key foreign key (dealer_id) references dealers (id);
-- down
alter table cars drop constraint cars_dealer_key;
