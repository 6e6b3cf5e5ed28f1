-- A campaign's own list of domains is a pool that belongs to it: it is edited with the campaign only.
ALTER TABLE pools ADD COLUMN campaign_id uuid;
CREATE UNIQUE INDEX pools_of_campaign ON pools (campaign_id, purpose);
