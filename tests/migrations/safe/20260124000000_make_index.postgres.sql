-- transaction: false
-- up
create index concurrently if not exists cars_make_index on cars (make, price);
-- down
drop index concurrently cars_make_index;
