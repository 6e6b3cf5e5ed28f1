-- name: add
INSERT INTO domains (id, account_id, host, state, message_limit) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (host) DO NOTHING
RETURNING id, host, status, message_limit, used, created_at

-- name: owner
SELECT id, account_id FROM domains WHERE host = $1

-- name: get
SELECT id, host, status, message_limit, used, created_at FROM domains WHERE account_id = $1 AND id = $2

-- name: page
SELECT id, host, status, message_limit, used, created_at FROM domains
WHERE account_id = $1 AND ($2::uuid IS NULL OR id > $2) AND ($3::text IS NULL OR status = $3)
ORDER BY id LIMIT $4

-- name: hosts
SELECT host FROM domains WHERE account_id = $1 ORDER BY id LIMIT 10000

-- name: of_hosts
SELECT host, id FROM domains WHERE account_id = $1 AND host = ANY($2::text[]) AND state <> 'archived'

-- name: total
SELECT count(*) FROM domains WHERE account_id = $1 AND ($2::text IS NULL OR status = $2)

-- name: lock
SELECT state, used, message_limit FROM domains WHERE account_id = $1 AND id = $2 FOR UPDATE

-- name: edit
UPDATE domains SET state = $3, message_limit = $4 WHERE account_id = $1 AND id = $2
RETURNING id, host, status, message_limit, used, created_at

-- Capacity and indexes are taken in one statement, so that both are exact at any concurrency.
-- name: take
UPDATE domains SET used = used + $2, next_index = next_index + $3
WHERE id = $1 AND state = 'active' AND (message_limit IS NULL OR used + $2 <= message_limit)
RETURNING next_index - $3

-- Everybody locks domains in the order of their ids: no deadlocks.
-- name: give_back
WITH locked AS (
    SELECT id FROM domains WHERE account_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE
)
UPDATE domains SET used = used - given.count
FROM locked JOIN unnest($2::uuid[], $3::bigint[]) AS given (id, count) USING (id)
WHERE domains.id = locked.id

-- name: by_host
SELECT id, next_index FROM domains WHERE host = $1

-- The worker's refilling listens; the news comes with the commit.
-- name: tell_capacity
SELECT pg_notify('link_capacity', '')
