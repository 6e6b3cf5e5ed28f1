-- name: add
INSERT INTO senders (id, account_id, address, kind, parts_per_second, countries, validity_s, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account_id, address) DO NOTHING
RETURNING true

-- name: find
SELECT id, address, kind, parts_per_second, countries, validity_s, created_at FROM senders WHERE account_id = $1 AND id = $2

-- name: as_sent
SELECT id, address, kind, parts_per_second, version FROM senders WHERE account_id = $1 AND id = $2

-- name: lock
SELECT id, address, kind, parts_per_second, countries, validity_s, created_at FROM senders WHERE account_id = $1 AND id = $2
FOR UPDATE

-- name: hold
-- KEY SHARE: campaigns may be submitted with it side by side, and its pace be read; removing it has to wait.
SELECT true FROM senders WHERE account_id = $1 AND id = $2 FOR KEY SHARE

-- name: page
SELECT id, address, kind, parts_per_second, countries, validity_s, created_at FROM senders
WHERE account_id = $1 AND ($2::uuid IS NULL OR id < $2)
ORDER BY id DESC LIMIT $3

-- name: count
SELECT count(*) FROM senders WHERE account_id = $1

-- name: save
UPDATE senders SET parts_per_second = $3, countries = $4, validity_s = $5, version = version + 1 WHERE account_id = $1 AND id = $2
RETURNING version

-- name: delete
DELETE FROM senders WHERE account_id = $1 AND id = $2

-- name: used_by
SELECT name FROM campaigns WHERE account_id = $1 AND sender_id = $2 AND status = ANY($3) ORDER BY id DESC LIMIT 5
