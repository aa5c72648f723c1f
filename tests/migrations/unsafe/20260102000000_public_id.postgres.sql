-- expects: volatile-default
-- up
alter table cars add column public_id uuid not null default gen_random_uuid();
-- down
alter table cars drop column public_id;
