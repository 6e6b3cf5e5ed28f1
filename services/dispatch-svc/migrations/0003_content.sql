-- Which texts a campaign may send (those that passed last), and which version of them a piece carries.
ALTER TABLE campaigns ADD COLUMN content_hash text, ADD COLUMN content_version integer NOT NULL DEFAULT 0;
ALTER TABLE pieces ADD COLUMN content_version integer NOT NULL DEFAULT 0;
