-- Which messages made people opt out, by the page or by a keyword: each is told once, also where the number was
-- suppressed already because of another campaign.
CREATE TABLE optouts (
    campaign_id uuid NOT NULL,
    seq int NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, seq)
);
