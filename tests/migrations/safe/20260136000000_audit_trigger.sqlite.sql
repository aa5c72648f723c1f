-- up
create table audit (car text, at integer);
create trigger cars_audit after update on cars begin
  insert into audit values (new.id, 1);
  delete from audit where at < 0;
end;
alter table cars add column mileage integer not null default 0;
-- down
drop trigger cars_audit;
drop table audit;
alter table cars drop column mileage;
