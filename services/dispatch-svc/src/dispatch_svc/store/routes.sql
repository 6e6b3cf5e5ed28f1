-- name: add
INSERT INTO routes (id, account_id, name, protocol, config, priority, countries, status, secrets)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING *

-- name: lock
SELECT * FROM routes WHERE account_id = $1 AND id = $2 FOR UPDATE

-- name: lock_version
SELECT version FROM routes WHERE account_id = $1 AND id = $2 FOR UPDATE

-- name: change
UPDATE routes
SET name = $2, config = $3, priority = $4, countries = $5, status = $6, secrets = $7, version = version + 1, updated_at = now()
WHERE id = $1
RETURNING *

-- name: remove
DELETE FROM routes WHERE account_id = $1 AND id = $2

-- name: announce
-- Every process that keeps routes open hears of it when the transaction commits.
SELECT pg_notify('routes', '')

-- name: find
SELECT * FROM routes WHERE account_id = $1 AND id = $2

-- name: find_anyones
-- For callbacks, which are signed by the route's own secret and carry no account.
SELECT * FROM routes WHERE id = $1

-- name: page
SELECT * FROM routes WHERE account_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3

-- name: count
SELECT count(*) FROM routes WHERE account_id = $1

-- name: of_account
SELECT * FROM routes WHERE account_id = $1

-- name: open
SELECT * FROM routes WHERE status <> 'disabled'

-- name: to_reseal
SELECT id, protocol, config, secrets FROM routes ORDER BY id FOR UPDATE

-- name: reseal
UPDATE routes SET config = $2, secrets = $3 WHERE id = $1

-- name: connections
-- What a process has not renewed for a minute it cannot speak for any more.
SELECT * FROM route_connections
WHERE route_id = ANY($1::uuid[]) AND seen_at > now() - interval '1 minute'
ORDER BY instance

-- name: save_connections
-- A route that was removed meanwhile has no row to point to.
INSERT INTO route_connections
    (instance, route_id, healthy, sessions, connected_since, last_error, last_error_at, seen_at)
SELECT $1, given.*, now()
FROM unnest($2::uuid[], $3::boolean[], $4::integer[], $5::timestamptz[], $6::text[], $7::timestamptz[])
    AS given (route_id, healthy, sessions, connected_since, last_error, last_error_at)
JOIN routes ON routes.id = given.route_id
ON CONFLICT (route_id, instance) DO UPDATE
SET healthy = excluded.healthy, sessions = excluded.sessions, connected_since = excluded.connected_since,
    last_error = excluded.last_error, last_error_at = excluded.last_error_at, seen_at = excluded.seen_at

-- name: forget_connections
DELETE FROM route_connections
WHERE (instance = $1 AND route_id <> ALL($2::uuid[])) OR seen_at < now() - interval '1 day'
