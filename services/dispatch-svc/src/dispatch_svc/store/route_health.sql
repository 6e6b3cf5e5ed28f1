-- name: mine
-- One process at a time looks.
SELECT pg_try_advisory_xact_lock(hashtext('route_health'))

-- name: working
-- Routes that some process can use. One over HTTP counts as tried again only when it has been let alone for a while: it
-- shows as healthy whenever its next try is due.
SELECT DISTINCT route_id FROM route_connections
WHERE seen_at > now() - interval '1 minute' AND healthy
    AND (sessions > 0 OR last_error_at IS NULL OR last_error_at < now() - interval '90 seconds')

-- name: known
SELECT account_id, reachable, worse_since FROM route_health

-- name: save
INSERT INTO route_health (account_id, reachable, worse_since) VALUES ($1, $2, $3)
ON CONFLICT (account_id) DO UPDATE SET reachable = excluded.reachable, worse_since = excluded.worse_since
