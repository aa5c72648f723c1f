-- transaction: false
-- up
update dealers set city = 'unknown' where id in (select id from dealers where city is null order by id limit 1000);
-- down
select 1;
