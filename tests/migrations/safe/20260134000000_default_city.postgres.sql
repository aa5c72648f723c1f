-- up
alter table dealers alter column city set default 'Berlin';
-- down
alter table dealers alter column city drop default;
