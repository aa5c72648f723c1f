-- expects: type-change
-- up
alter table `cars` modify column `price` decimal(12, 2) not null;
-- down
alter table cars modify column price int not null;
