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
RETURNING submitted, failed, unknown, suppressed, cancelled, parts, cost, currency, last_at, delivered, clickers, ctr, "window"

-- name: keep_figures
INSERT INTO campaign_progress AS p (campaign_id, delivered, clickers, ctr, figures_at)
SELECT id, $3, $4, $5, $6 FROM campaigns WHERE id = $1 AND account_id = $2
ON CONFLICT (campaign_id) DO UPDATE SET
    delivered = excluded.delivered,
    clickers = excluded.clickers,
    ctr = excluded.ctr,
    figures_at = excluded.figures_at
WHERE p.figures_at IS NULL OR p.figures_at < excluded.figures_at

-- name: load
SELECT campaign_id, submitted, failed, unknown, suppressed, cancelled, parts, cost, currency, last_at, delivered, clickers, ctr, "window"
FROM campaign_progress WHERE campaign_id = ANY($1::uuid[])
