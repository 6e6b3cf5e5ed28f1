-- What has no rule here stays: the audit log and its chain are for ever, and accounts, users and keys, also those that
-- ended, are named by it.

-- name: idempotency
DELETE FROM idempotency WHERE ctid = ANY(ARRAY(SELECT ctid FROM idempotency WHERE created_at < $1 LIMIT $2))

-- name: webhook_deliveries
DELETE FROM webhook_deliveries WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM webhook_deliveries WHERE created_at < $1 LIMIT $2
))

-- name: sessions
DELETE FROM sessions WHERE ctid = ANY(ARRAY(SELECT ctid FROM sessions WHERE expires_at < $1 LIMIT $2))
