-- expects: index-not-concurrent
-- up
create index cars_make_index on cars using btree (make);
-- down
drop index concurrently cars_make_index;
