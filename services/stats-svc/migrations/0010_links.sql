-- Which further link of the message was clicked; NULL: {{ short_url }} itself. Sums only of the further ones: all other
-- clicks of a campaign are on that.
ALTER TABLE clicks ADD COLUMN link text;
CREATE TABLE links (
    campaign_id uuid NOT NULL,
    link text NOT NULL,
    account_id uuid NOT NULL,
    clicks_raw bigint NOT NULL DEFAULT 0,
    clicks_human bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, link)
) WITH (fillfactor = 50);
