-- expects: rename-column
-- up
alter table only cars rename price to price_cents;
-- down
alter table cars rename price_cents to price;
