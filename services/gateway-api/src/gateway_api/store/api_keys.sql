-- name: add
INSERT INTO api_keys (id, account_id, name, prefix, digest, role, bootstrap, scopes, rate_per_second, user_id, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
RETURNING id, name, prefix, role, created_at, last_used_at, expires_at, revoked_at, scopes, rate_per_second, user_id

-- name: sign_in
SELECT k.id, k.account_id, 'key:' || k.prefix AS actor, k.role, k.scopes, k.rate_per_second,
       k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute' AS stale, 'user:' || u.email AS owner,
       a.name AS account_name
FROM api_keys k JOIN valid_keys v ON v.id = k.id JOIN accounts a ON a.id = k.account_id
LEFT JOIN users u ON u.id = k.user_id
WHERE k.digest = $1

-- name: lasts
SELECT true FROM api_keys k JOIN valid_keys USING (id) WHERE k.account_id = $1 AND k.prefix = $2

-- name: touch
-- To the minute: a key in heavy use writes one row version a minute, not one a request.
UPDATE api_keys SET last_used_at = now()
WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')

-- name: page
SELECT id, name, prefix, role, created_at, last_used_at, expires_at, revoked_at, scopes, rate_per_second, user_id FROM api_keys
WHERE account_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3

-- name: find
SELECT id, name, prefix, role, created_at, last_used_at, expires_at, revoked_at, scopes, rate_per_second, user_id FROM api_keys
WHERE account_id = $1 AND id = $2

-- name: by_prefix
SELECT id, name, prefix, role, created_at, last_used_at, expires_at, revoked_at, scopes, rate_per_second, user_id FROM api_keys
WHERE account_id = $1 AND prefix = $2

-- name: admins
-- Not those that expire: they would leave the account without any.
SELECT count(*) FROM api_keys k JOIN valid_keys USING (id)
WHERE k.account_id = $1 AND k.role = 'admin' AND k.scopes IS NULL AND k.expires_at IS NULL

-- name: revoke
UPDATE api_keys SET revoked_at = now() WHERE account_id = $1 AND id = $2 AND revoked_at IS NULL

-- name: known_digest
SELECT revoked_at IS NULL AS valid FROM api_keys WHERE digest = $1

-- name: revoke_bootstraps
UPDATE api_keys SET revoked_at = now() WHERE bootstrap AND revoked_at IS NULL AND digest <> $1
