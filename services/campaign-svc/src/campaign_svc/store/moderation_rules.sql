-- name: add
INSERT INTO moderation_rules (id, account_id, kind, value, verdict, category, reason, created_at, created_by)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
WHERE (SELECT count(*) FROM moderation_rules WHERE account_id = $2) < $10
ON CONFLICT DO NOTHING
RETURNING true

-- name: count
SELECT count(*) FROM moderation_rules WHERE account_id = $1

-- name: of_account
SELECT id, kind, value, verdict, category, reason, created_at, created_by FROM moderation_rules
WHERE account_id = $1 AND ($2::uuid IS NULL OR id > $2)
ORDER BY id LIMIT $3

-- name: delete
DELETE FROM moderation_rules WHERE account_id = $1 AND id = $2 RETURNING true
