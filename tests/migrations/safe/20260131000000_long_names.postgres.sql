-- up
alter table dealers alter column name type varchar(200);
-- down
select 1;
