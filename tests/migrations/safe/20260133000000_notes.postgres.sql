-- up
comment on table cars is 'Never: drop table cars; truncate cars;';
create function touch() returns trigger language plpgsql as $body$
begin
  update cars set price = price; -- alter table cars drop column price;
  return new;
end
$body$;
create table notes (id integer primary key, body text default 'update cars set sold = true');
insert into notes values (1, 'alter table cars rename to vehicles; vacuum full');
-- down
drop table notes;
drop function touch();
