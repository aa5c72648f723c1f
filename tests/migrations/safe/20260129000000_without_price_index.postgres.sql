-- transaction: false
-- up
drop index concurrently cars_price_old;
-- down
create index concurrently cars_price_old on cars (price);
