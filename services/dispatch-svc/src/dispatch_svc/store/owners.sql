-- name: register
-- The lock is held before anybody can see the row.
INSERT INTO owners (instance) VALUES ($1) RETURNING owner_id, pg_try_advisory_lock($2, owner_id) AS held

-- name: hold
SELECT pg_try_advisory_lock($1, $2)

-- name: release
SELECT pg_advisory_unlock($1, $2)

-- name: others
SELECT owner_id FROM owners WHERE owner_id <> $1 ORDER BY owner_id

-- name: found_dead
-- Seconds since its death was first seen.
UPDATE owners SET dead_since = coalesce(dead_since, now()) WHERE owner_id = $1
RETURNING extract(epoch FROM now() - dead_since)::float8

-- name: forget
-- Not at once: a lease that was under way when the death was seen may still commit.
DELETE FROM owners WHERE owner_id = $1 AND dead_since < now() - interval '1 hour'
AND NOT EXISTS (SELECT FROM slices WHERE owner_id = $1 AND state <> 'done')
