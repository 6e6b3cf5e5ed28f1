-- name: keep
-- Counting shares the lock of the campaign that a recount has alone: one that sees whose clicks are all a machine's
-- must see every click that is counted.
WITH lock AS (SELECT pg_advisory_xact_lock_shared(hashtextextended(($1::uuid)::text, 0)))
INSERT INTO clicks (campaign_id, account_id, domain_id, rules, seq, variant, at, reason, user_agent, link, country)
SELECT $1::uuid, $2::uuid, $3::uuid, $4::int, new.*
FROM lock, unnest($5::int[], $6::int[], $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::text[]) AS new

-- name: add_clickers
INSERT INTO clickers (campaign_id, seq, at, country)
SELECT $1::uuid, new.* FROM unnest($2::int[], $3::timestamptz[], $4::text[]) AS new
ON CONFLICT DO NOTHING RETURNING seq

-- name: add_optout
INSERT INTO optouts (campaign_id, seq) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true

-- name: add_press
INSERT INTO presses (campaign_id, seq) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true

-- name: agents_of
-- The most frequent; a campaign of millions has some thousands of different ones.
SELECT user_agent, count(*) AS clicks, count(DISTINCT seq) AS people FROM clicks
WHERE campaign_id = $1 AND account_id = $2 AND reason IS NULL
GROUP BY user_agent ORDER BY clicks DESC, user_agent LIMIT 2000
