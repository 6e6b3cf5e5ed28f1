-- name: add
INSERT INTO pools (id, account_id, name, purpose) VALUES ($1, $2, $3, $4)

-- name: of_campaign
-- The row is locked from here on, as by `lock`.
INSERT INTO pools (id, account_id, name, purpose, campaign_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (campaign_id, purpose) DO UPDATE SET name = excluded.name WHERE pools.account_id = $2 RETURNING id

-- name: get
SELECT id, name, purpose, exhausted, created_at, campaign_id FROM pools WHERE account_id = $1 AND id = $2

-- name: page
SELECT id, name, purpose, exhausted, created_at, campaign_id FROM pools
WHERE account_id = $1 AND campaign_id IS NULL AND ($2::uuid IS NULL OR id > $2)
ORDER BY id LIMIT $3

-- name: total
SELECT count(*) FROM pools WHERE account_id = $1 AND campaign_id IS NULL

-- name: members
SELECT pool_id, position, id, host, status, message_limit, used, created_at
FROM pool_domains JOIN domains ON domains.id = domain_id
WHERE pool_id = ANY($1::uuid[]) ORDER BY pool_id, position, id

-- name: waiting
SELECT pool_id, sum(count)::bigint AS messages FROM (
    SELECT short_pool_id AS pool_id, count FROM waiting WHERE short_pool_id = ANY($1::uuid[])
    UNION ALL SELECT optout_pool_id, count FROM waiting WHERE optout_pool_id = ANY($1::uuid[])
) AS each GROUP BY pool_id

-- Everybody locks pools before domains and in the order of their ids: no deadlocks. While a pool is locked, nobody
-- else allots from it, puts anything in its queue, or changes its domains.
-- name: lock
SELECT id, name, purpose, exhausted, last_position, campaign_id FROM pools
WHERE account_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE

-- name: rename
UPDATE pools SET name = $2 WHERE id = $1

-- name: owned_domains
SELECT count(*) FROM domains WHERE account_id = $1 AND id = ANY($2::uuid[]) AND state <> 'archived'

-- name: clear_domains
DELETE FROM pool_domains WHERE pool_id = $1

-- name: add_domains
INSERT INTO pool_domains (pool_id, domain_id, position)
SELECT $1, domain_id, coalesce((SELECT max(position) FROM pool_domains WHERE pool_id = $1), -1) + place
FROM unnest($2::uuid[]) WITH ORDINALITY AS new (domain_id, place)
ON CONFLICT DO NOTHING

-- name: remove_domain
DELETE FROM pool_domains WHERE pool_id = $1 AND domain_id = $2 RETURNING true

-- name: lock_supplies
SELECT pool_id, position, domains.id, message_limit, used
FROM pool_domains JOIN domains ON domains.id = domain_id
WHERE pool_id = ANY($1::uuid[]) AND state = 'active'
ORDER BY domains.id FOR UPDATE OF domains

-- name: served
UPDATE pools SET last_position = $2 WHERE id = $1

-- name: mark
UPDATE pools SET exhausted = $2 WHERE id = $1

-- name: refillable
SELECT id, account_id FROM pools
WHERE exhausted AND EXISTS (
    SELECT FROM pool_domains JOIN domains ON domains.id = domain_id WHERE pool_id = pools.id AND status = 'active'
) ORDER BY id

-- name: figures
SELECT (SELECT count(*) FROM pools WHERE exhausted) AS exhausted,
       (SELECT coalesce(sum(count), 0) FROM waiting)::bigint AS waiting
