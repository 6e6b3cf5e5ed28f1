-- name: add
INSERT INTO waiting (account_id, campaign_id, count, short_pool_id, optout_pool_id, batch)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: next
SELECT id, account_id, short_pool_id, optout_pool_id FROM (
    (SELECT * FROM waiting WHERE short_pool_id = $1 AND id > $2 ORDER BY id LIMIT 1)
    UNION ALL (SELECT * FROM waiting WHERE optout_pool_id = $1 AND id > $2 ORDER BY id LIMIT 1)
) AS each ORDER BY id LIMIT 1

-- name: lock
SELECT batch FROM waiting WHERE id = $1 FOR UPDATE

-- name: of_campaign
SELECT id, batch FROM waiting WHERE campaign_id = $1 ORDER BY id FOR UPDATE

-- name: shrink
UPDATE waiting SET count = $2, batch = $3 WHERE id = $1

-- name: remove
DELETE FROM waiting WHERE id = $1

-- name: campaigns
SELECT DISTINCT campaign_id FROM waiting WHERE short_pool_id = $1 OR optout_pool_id = $1 ORDER BY campaign_id

-- name: anything
SELECT EXISTS (SELECT FROM waiting WHERE short_pool_id = $1) OR EXISTS (SELECT FROM waiting WHERE optout_pool_id = $1)

-- name: drop_campaign
WITH gone AS (DELETE FROM waiting WHERE campaign_id = $1 RETURNING count) SELECT coalesce(sum(count), 0)::bigint FROM gone

-- name: end_campaign
INSERT INTO ended_campaigns (campaign_id) VALUES ($1) ON CONFLICT DO NOTHING

-- name: ended
SELECT EXISTS (SELECT FROM ended_campaigns WHERE campaign_id = $1)
