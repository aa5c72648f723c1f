-- up
-- model_known was added without looking at the rows, by an earlier migration
alter table cars validate constraint model_known;
alter table cars alter column model set not null;
alter table cars drop constraint model_known;
-- down
alter table cars alter column model drop not null;
