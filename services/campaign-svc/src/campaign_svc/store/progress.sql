-- name: add
INSERT INTO campaign_progress AS p
    (campaign_id, submitted, failed, unknown, suppressed, cancelled, parts, cost, currency, last_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (campaign_id) DO UPDATE SET
    submitted = p.submitted + excluded.submitted,
    failed = p.failed + excluded.failed,
    unknown = p.unknown + excluded.unknown,
    suppressed = p.suppressed + excluded.suppressed,
    cancelled = p.cancelled + excluded.cancelled,
    parts = p.parts + excluded.parts,
    cost = p.cost + excluded.cost,
    currency = excluded.currency,
    last_at = greatest(p.last_at, excluded.last_at)
RETURNING submitted, failed, unknown, suppressed, cancelled, parts, cost, currency, last_at

-- name: load
SELECT campaign_id, submitted, failed, unknown, suppressed, cancelled, parts, cost, currency, last_at
FROM campaign_progress WHERE campaign_id = ANY($1::uuid[])
