-- Whoever has no outcome of their own is cancelled once a campaign is aborted, also after it was deleted.
ALTER TABLE campaigns ADD COLUMN aborted boolean NOT NULL DEFAULT false;
UPDATE campaigns SET aborted = true WHERE status = 'aborted';
