-- expects: concurrently-in-transaction
-- up
create index concurrently cars_price_index on cars (price);
-- down
drop index cars_price_index;
