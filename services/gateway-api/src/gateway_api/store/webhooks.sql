-- name: add
INSERT INTO webhooks (id, account_id, url, events, secret) VALUES ($1, $2, $3, $4, $5)
RETURNING id, url, events, active, paused_because, created_at

-- name: count
-- The account's row is locked, so that two requests at once cannot both be the last that fits.
SELECT (SELECT count(*) FROM webhooks w WHERE w.account_id = a.id) FROM accounts a WHERE a.id = $1 FOR UPDATE

-- name: page
SELECT id, url, events, active, paused_because, created_at FROM webhooks
WHERE account_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3

-- name: find
SELECT id, url, events, active, paused_because, created_at FROM webhooks WHERE account_id = $1 AND id = $2

-- name: lock
SELECT id, url, events, active, paused_because, created_at FROM webhooks WHERE account_id = $1 AND id = $2 FOR NO KEY UPDATE

-- name: change
UPDATE webhooks
SET url = coalesce($3, url), events = coalesce($4, events), active = coalesce($5, active),
    paused_because = CASE WHEN $5 THEN NULL ELSE paused_because END
WHERE account_id = $1 AND id = $2
RETURNING id, url, events, active, paused_because, created_at

-- name: rotate
UPDATE webhooks SET previous_secret = secret, previous_until = $4, secret = $3 WHERE account_id = $1 AND id = $2
RETURNING id, url, events, active, paused_because, created_at

-- name: pause
UPDATE webhooks SET active = false, paused_because = $2 WHERE id = $1

-- name: remove
DELETE FROM webhooks WHERE account_id = $1 AND id = $2
