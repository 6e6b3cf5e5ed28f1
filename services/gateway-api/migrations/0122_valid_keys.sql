-- Keys that sign somebody in: neither revoked nor expired, and where they belong to a user, that one is active. Not by
-- way of `members`, of which all guests would be read for each key.
CREATE VIEW valid_keys AS
SELECT k.id FROM api_keys k
LEFT JOIN users u ON u.id = k.user_id AND u.account_id = k.account_id
LEFT JOIN guests g ON g.user_id = k.user_id AND g.account_id = k.account_id
WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
  AND (
      k.user_id IS NULL
      OR (u.id IS NOT NULL AND u.disabled_at IS NULL)
      OR (g.user_id IS NOT NULL AND g.disabled_at IS NULL)
  );
