-- expects: drop-column-in-use
-- up
alter table "cars" drop column if exists "model";
-- down
alter table cars add column model text;
