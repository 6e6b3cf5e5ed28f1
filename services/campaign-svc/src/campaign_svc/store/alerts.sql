-- name: raise_for_pool
INSERT INTO alerts (id, account_id, code, sentence, campaign_id, pool_id, raised_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (account_id, pool_id) WHERE resolved_at IS NULL AND pool_id IS NOT NULL DO NOTHING
RETURNING id

-- name: raise_for_campaign
INSERT INTO alerts (id, account_id, code, sentence, campaign_id, raised_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (campaign_id, code) WHERE resolved_at IS NULL AND pool_id IS NULL DO NOTHING
RETURNING id

-- name: raise_for_domain
INSERT INTO alerts (id, account_id, code, sentence, domain_id, raised_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (account_id, domain_id) WHERE resolved_at IS NULL AND domain_id IS NOT NULL DO NOTHING
RETURNING id

-- name: resolve_domain
UPDATE alerts SET resolved_at = $3 WHERE account_id = $1 AND domain_id = $2 AND resolved_at IS NULL RETURNING id

-- name: resolve_pools
UPDATE alerts SET resolved_at = $3
WHERE account_id = $1 AND pool_id = ANY($2::uuid[]) AND resolved_at IS NULL
RETURNING id

-- name: resolve_campaign
UPDATE alerts SET resolved_at = $2 WHERE campaign_id = $1 AND pool_id IS NULL AND resolved_at IS NULL RETURNING id

-- name: open_for_pools
SELECT id, code, sentence, campaign_id, pool_id, domain_id, raised_at, resolved_at, acknowledged_at, acknowledged_by FROM alerts
WHERE account_id = $1 AND pool_id = ANY($2::uuid[]) AND resolved_at IS NULL
ORDER BY id

-- name: page
SELECT id, code, sentence, campaign_id, pool_id, domain_id, raised_at, resolved_at, acknowledged_at, acknowledged_by FROM alerts
WHERE account_id = $1 AND ($2::uuid IS NULL OR id < $2) AND ($3::bool IS NULL OR (resolved_at IS NULL) = $3)
    AND ($5::bool IS NULL OR (acknowledged_at IS NOT NULL) = $5) AND ($6::uuid IS NULL OR campaign_id = $6)
ORDER BY id DESC
LIMIT $4

-- name: find
SELECT id, code, sentence, campaign_id, pool_id, domain_id, raised_at, resolved_at, acknowledged_at, acknowledged_by FROM alerts
WHERE account_id = $1 AND id = $2

-- name: acknowledge
-- Who came first stands.
UPDATE alerts SET
    acknowledged_at = coalesce(acknowledged_at, $3),
    acknowledged_by = coalesce(acknowledged_by, $4)
WHERE account_id = $1 AND id = $2
RETURNING id, code, sentence, campaign_id, pool_id, domain_id, raised_at, resolved_at, acknowledged_at, acknowledged_by
