-- name: keep
INSERT INTO clicks (campaign_id, account_id, domain_id, seq, variant, at, reason, user_agent)
SELECT $1::uuid, $2::uuid, $3::uuid, new.*
FROM unnest($4::int[], $5::int[], $6::timestamptz[], $7::text[], $8::text[]) AS new

-- name: add_clickers
INSERT INTO clickers (campaign_id, seq) SELECT $1::uuid, unnest($2::int[]) ON CONFLICT DO NOTHING RETURNING seq

-- name: add_optout
INSERT INTO optouts (campaign_id, seq) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true

-- name: add_press
INSERT INTO presses (campaign_id, seq) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true

-- name: agents_of
-- The most frequent; a campaign of millions has some thousands of different ones.
SELECT user_agent, count(*) AS clicks, count(DISTINCT seq) AS people FROM clicks
WHERE campaign_id = $1 AND account_id = $2 AND reason IS NULL
GROUP BY user_agent ORDER BY clicks DESC, user_agent LIMIT 2000
