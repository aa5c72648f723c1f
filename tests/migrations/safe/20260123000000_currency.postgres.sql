-- up
alter table cars add column currency char(3) not null default 'EUR', add column seen_at timestamptz not null default now();
-- down
alter table cars drop column currency, drop column seen_at;
