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
