-- Hours at which people may be texted, by their own clock. Recipients of such a campaign stand in groups of those for
-- whom it is a good time at the same times; without hours there are no groups.
ALTER TABLE campaigns ADD COLUMN hours jsonb;
CREATE TABLE campaign_groups (
    campaign_id uuid NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    no integer NOT NULL,
    zones text[] NOT NULL,
    first_seq integer NOT NULL,
    count integer NOT NULL,
    fed integer NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, no)
);
