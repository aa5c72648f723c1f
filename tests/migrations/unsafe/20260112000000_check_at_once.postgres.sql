-- expects: validate-in-one-step
-- up
alter table cars add constraint price_positive check (price > 0) not valid;
alter table cars validate constraint price_positive;
-- down
alter table cars drop constraint price_positive;
