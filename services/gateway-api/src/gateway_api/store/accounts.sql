-- name: add
INSERT INTO accounts (id, name, platform) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING
RETURNING id, name, platform, created_at

-- name: find
SELECT id, name, platform, created_at FROM accounts WHERE id = $1

-- name: lock
SELECT id FROM accounts WHERE id = $1 FOR UPDATE

-- name: page
SELECT id, name, platform, created_at FROM accounts WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2

-- name: first
SELECT id, name, platform, created_at FROM accounts WHERE platform

-- name: lock_bootstrap
-- Replicas that start together make the first account once.
SELECT pg_advisory_xact_lock(7306105124)
