-- Routes that refused these recipients for what they may carry: the next one is tried.
ALTER TABLE returned ADD COLUMN avoid uuid[] NOT NULL DEFAULT '{}';
ALTER TABLE slices ADD COLUMN avoid uuid[] NOT NULL DEFAULT '{}';
