-- Since when a campaign may send without a break: what waited meanwhile has its validity anew. Null: it may not, or nobody
-- of this release heard of it.
ALTER TABLE campaigns ADD COLUMN sendable_since timestamptz;
