-- name: add
-- An older event must not make a suppression look older or change its reason.
INSERT INTO suppressions (account_id, number, reason, campaign_id, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
RETURNING true

-- name: add_many
INSERT INTO suppressions (account_id, number, reason, created_at)
SELECT $1, number, $3, $4 FROM unnest($2::text[]) AS number ORDER BY number
ON CONFLICT DO NOTHING
RETURNING number

-- name: add_optout
INSERT INTO optouts (campaign_id, seq, reason, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING true

-- name: lift
-- One that was made later than what lifts it stays.
DELETE FROM suppressions WHERE account_id = $1 AND number = $2 AND created_at <= $3 RETURNING true

-- name: find
SELECT number, reason, campaign_id, created_at FROM suppressions WHERE account_id = $1 AND number = $2

-- name: page
SELECT number, reason, campaign_id, created_at FROM suppressions
WHERE account_id = $1 AND number > $2
ORDER BY number LIMIT $3

-- name: count
SELECT count(*) FROM suppressions WHERE account_id = $1

-- name: recipient
SELECT r.number, r.variant FROM recipients r JOIN campaigns c ON c.id = r.campaign_id
WHERE c.account_id = $1 AND r.campaign_id = $2 AND r.seq = $3
