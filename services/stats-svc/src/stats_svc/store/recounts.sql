-- name: lock
SELECT pg_advisory_xact_lock(hashtextextended(($1::uuid)::text, 0))

-- name: next_campaign
SELECT campaign_id FROM campaigns WHERE $1::uuid IS NULL OR campaign_id > $1 ORDER BY campaign_id LIMIT 1

-- name: account_of
SELECT account_id FROM campaigns WHERE campaign_id = $1

-- name: take
SELECT ctid AS place, seq, variant, domain_id, at, reason, user_agent, link, country FROM clicks
WHERE campaign_id = $1 AND seq >= $2 AND rules < $3 ORDER BY seq LIMIT $4 FOR UPDATE

-- name: judge
-- The places hold: the rows are locked since they were read.
UPDATE clicks AS k SET reason = new.reason, rules = $1
FROM unnest($2::tid[], $3::text[]) AS new (place, reason) WHERE k.ctid = new.place

-- name: people
SELECT seq, min(at) AS at, max(country) AS country FROM clicks
WHERE campaign_id = $1 AND seq = ANY($2::int[]) AND reason IS NULL GROUP BY seq

-- name: remove_clickers
-- Whose click as a person is kept no more stays a clicker.
DELETE FROM clickers WHERE campaign_id = $1 AND seq = ANY($2::int[]) AND NOT settled RETURNING seq, at, country

-- name: settled
SELECT seq FROM clickers WHERE campaign_id = $1 AND seq = ANY($2::int[]) AND settled
