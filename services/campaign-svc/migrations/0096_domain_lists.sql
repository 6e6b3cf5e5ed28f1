-- Domains that a campaign lists by name; its pool is then one of its own in link-svc, which holds them.
ALTER TABLE campaigns
    ADD COLUMN short_domains text[] NOT NULL DEFAULT '{}',
    ADD COLUMN optout_domains text[] NOT NULL DEFAULT '{}';
