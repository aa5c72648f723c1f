-- expects: unbounded-data-change
-- up
update cars set sold = 1;
-- down
select 1;
