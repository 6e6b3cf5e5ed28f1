-- name: add
-- An older event must not make a suppression look older or change its reason.
INSERT INTO suppressions (account_id, number, reason, campaign_id, created_at)
SELECT account_id, number, $5, campaign_id, at
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[]) AS new (account_id, number, campaign_id, at)
ORDER BY account_id, number, at
ON CONFLICT DO NOTHING
RETURNING account_id, number

-- name: add_many
INSERT INTO suppressions (account_id, number, reason, created_at)
SELECT $1, number, $3, $4 FROM unnest($2::text[]) AS number ORDER BY number
ON CONFLICT DO NOTHING
RETURNING number

-- name: add_optouts
INSERT INTO optouts (campaign_id, seq, reason, at, counted)
SELECT campaign_id, seq, $4, at, false FROM unnest($1::uuid[], $2::int[], $3::timestamptz[]) AS new (campaign_id, seq, at)
ORDER BY campaign_id, seq, at
ON CONFLICT DO NOTHING
RETURNING campaign_id, seq

-- name: lift
-- One that was made later than what lifts it stays, and so does one for another reason than $4 (NULL: any).
DELETE FROM suppressions
WHERE account_id = $1 AND number = $2 AND created_at <= $3 AND ($4::text[] IS NULL OR reason = ANY($4))
RETURNING true

-- name: find
SELECT number, reason, campaign_id, created_at FROM suppressions WHERE account_id = $1 AND number = $2

-- name: page
SELECT number, reason, campaign_id, created_at FROM suppressions
WHERE account_id = $1 AND number > $2
ORDER BY number LIMIT $3

-- name: count
SELECT count(*) FROM suppressions WHERE account_id = $1

-- name: recipients
SELECT r.campaign_id, r.seq, r.number, r.variant, r.country
FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS asked (account_id, campaign_id, seq)
JOIN campaigns c ON c.id = asked.campaign_id AND c.account_id = asked.account_id
JOIN recipients r ON r.campaign_id = c.id AND r.seq = asked.seq
