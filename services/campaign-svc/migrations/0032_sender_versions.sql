-- Counts the edits of a sender, so that an older pace never takes the place of a newer one.
ALTER TABLE senders ADD COLUMN version integer NOT NULL DEFAULT 0;
