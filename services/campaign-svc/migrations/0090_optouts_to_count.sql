-- What the breaker of its campaign has not counted yet: opt-outs bind without waiting for the lock on a busy campaign.
ALTER TABLE optouts ADD COLUMN counted boolean NOT NULL DEFAULT true;
CREATE INDEX optouts_to_count ON optouts (campaign_id) WHERE NOT counted;
