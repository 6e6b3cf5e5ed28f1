-- Under which key the slugs of a range were made: keys can be replaced, and links that were sent keep working. What
-- `domains.key_id` says is read no more; it goes when no process of an earlier release can run.
ALTER TABLE ranges ADD COLUMN key_id smallint NOT NULL DEFAULT 1;
