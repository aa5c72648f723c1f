-- up
create table photos (id uuid primary key, car_id uuid not null references cars (id), position integer not null check (position > 0), unique (car_id, position));
create index photos_car_index on photos (car_id);
insert into photos select id, id, 1 from cars;
-- down
drop table photos;
