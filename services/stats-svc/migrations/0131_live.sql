-- The live stream is filtered by name, status and tags. Names and tags have a time: moves and edits both bring them.
ALTER TABLE campaigns ADD COLUMN tags text[] NOT NULL DEFAULT '{}', ADD COLUMN named_at timestamptz;
