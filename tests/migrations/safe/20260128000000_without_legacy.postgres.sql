-- up
alter table cars drop column legacy;
-- down
alter table cars add column legacy text;
