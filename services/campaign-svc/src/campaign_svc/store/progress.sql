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
RETURNING submitted, failed, unknown, suppressed, cancelled, parts, cost, currency, last_at, delivered, undelivered, clickers, ctr, "window", comparison

-- name: keep_figures
-- The same again is kept again: whoever died in between still looks whether the campaign must stop.
INSERT INTO campaign_progress AS p (campaign_id, delivered, undelivered, clickers, ctr, figures_at)
SELECT id, $3, $4, $5, $6, $7 FROM campaigns WHERE id = $1 AND account_id = $2
ON CONFLICT (campaign_id) DO UPDATE SET
    delivered = excluded.delivered,
    undelivered = excluded.undelivered,
    clickers = excluded.clickers,
    ctr = excluded.ctr,
    figures_at = excluded.figures_at
WHERE p.figures_at IS NULL OR p.figures_at <= excluded.figures_at
RETURNING submitted, failed, unknown, suppressed, cancelled, parts, cost, currency, last_at, delivered, undelivered, clickers, ctr, "window", comparison

-- name: keep_comparison
-- Of a test that goes on. Older ones change nothing.
INSERT INTO campaign_progress AS p (campaign_id, comparison, compared_at)
SELECT id, $3, $4 FROM campaigns WHERE id = $1 AND account_id = $2 AND winner IS NOT NULL AND wave = 0
ON CONFLICT (campaign_id) DO UPDATE SET comparison = excluded.comparison, compared_at = excluded.compared_at
WHERE p.compared_at IS NULL OR p.compared_at < excluded.compared_at
RETURNING true

-- name: load
SELECT campaign_id, submitted, failed, unknown, suppressed, cancelled, parts, cost, currency, last_at, delivered, undelivered, clickers, ctr, "window", comparison
FROM campaign_progress WHERE campaign_id = ANY($1::uuid[])
