-- People opt out on the page or by a keyword, and both count in the campaign. Until now only the page did.
ALTER TABLE figures
    ADD COLUMN optouts_page bigint NOT NULL DEFAULT 0,
    ADD COLUMN optouts_reply bigint NOT NULL DEFAULT 0;
UPDATE figures SET optouts_page = optouts WHERE optouts <> 0;

-- Recipients who pressed the button: each counts once for the domain, whichever way they opted out first.
CREATE TABLE presses (campaign_id uuid NOT NULL, seq integer NOT NULL, PRIMARY KEY (campaign_id, seq));
INSERT INTO presses (campaign_id, seq) SELECT campaign_id, seq FROM optouts;
