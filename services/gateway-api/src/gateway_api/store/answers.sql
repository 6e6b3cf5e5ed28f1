-- name: claim
-- One of several concurrent requests gets the row. An expired row is as good as none.
INSERT INTO idempotency AS i (account_id, key, held_by) VALUES ($1, $2, $3)
ON CONFLICT (account_id, key) DO UPDATE SET
    fingerprint = NULL, status = NULL, headers = NULL, body = NULL, created_at = now(), held_by = $3, held_at = now()
WHERE i.created_at < now() - interval '24 hours'
RETURNING true

-- name: find
SELECT fingerprint, status, headers, body FROM idempotency WHERE account_id = $1 AND key = $2

-- name: hold
UPDATE idempotency SET held_at = now() WHERE held_by = $1 AND status IS NULL

-- name: given_up
-- The process that carried it out is gone, or it would have said since that it still does.
SELECT status IS NULL AND held_at < now() - interval '30 seconds' FROM idempotency WHERE account_id = $1 AND key = $2

-- name: settle
UPDATE idempotency SET fingerprint = $3, status = $4, headers = $5, body = $6 WHERE account_id = $1 AND key = $2

-- name: release
DELETE FROM idempotency WHERE account_id = $1 AND key = $2 AND status IS NULL
