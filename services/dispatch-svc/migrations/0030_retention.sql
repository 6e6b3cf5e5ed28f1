-- Since when a campaign has the status that it has: what ended long ago is forgotten.
ALTER TABLE campaigns ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
