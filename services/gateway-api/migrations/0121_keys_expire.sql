-- Null: a key lasts until it is revoked, as all did. The release before does not look at it.
ALTER TABLE api_keys ADD COLUMN expires_at timestamptz;
