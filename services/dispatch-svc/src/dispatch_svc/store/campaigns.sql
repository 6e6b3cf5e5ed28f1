-- name: move
-- A newer version wins. Every replica's memory hears of it when the transaction commits. $8: whether a budget ($9) is told;
-- nobody counts what is spent without one.
WITH moved AS (
    INSERT INTO campaigns (campaign_id, account_id, status, version, content_hash, content_version, sendable_since, budget, spent, counted)
    VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $3 = ANY($7::text[]) THEN now() END, $9::numeric, CASE WHEN $9::numeric IS NOT NULL THEN 0 END, $10)
    ON CONFLICT (campaign_id) DO UPDATE SET status = excluded.status, version = excluded.version,
        content_hash = excluded.content_hash, content_version = excluded.content_version,
        changed_at = now(), sendable_since = CASE WHEN campaigns.status = ANY($7) AND excluded.status = ANY($7)
            THEN campaigns.sendable_since ELSE excluded.sendable_since END,
        budget = CASE WHEN $8 THEN excluded.budget ELSE campaigns.budget END,
        spent = CASE WHEN NOT $8 OR excluded.budget IS NOT NULL THEN campaigns.spent END,
        counted = CASE WHEN $8 THEN excluded.counted ELSE campaigns.counted END,
        budget_told = false
    WHERE campaigns.version < excluded.version
    RETURNING *
)
SELECT pg_notify('moved', campaign_id || ' ' || version || ':' || content_version || ':' || coalesce(content_hash, '')
    || ' ' || status) FROM moved

-- name: sendable
SELECT campaign_id, content_hash, content_version, sendable_since FROM campaigns WHERE status = ANY($1)

-- name: lock_budget
SELECT budget, spent, reserved, budget_told AS told FROM campaigns WHERE campaign_id = $1 AND budget IS NOT NULL FOR NO KEY UPDATE

-- name: begin_to_count
-- The row is locked. What left while there was no budget is counted once all of it has its outcome. An array of costs has an entry
-- an offset, or one for all. Old slices go (retention.sql): campaign-svc has counted those.
UPDATE campaigns AS c SET reserved = 0, spent = greatest(c.counted,
    (SELECT coalesce(sum(CASE WHEN cardinality(s.costs) = 1 THEN s.costs[1] * cardinality(s.offsets)
        ELSE (SELECT sum(cost) FROM unnest(s.costs) AS cost) END), 0) FROM slices AS s WHERE s.campaign_id = $1 AND s.state = 'done')
    + (SELECT coalesce(sum(u.cost), 0) FROM unknown_messages AS u WHERE u.campaign_id = $1))
WHERE c.campaign_id = $1 AND NOT EXISTS (SELECT FROM slices AS s WHERE s.campaign_id = $1 AND s.state = 'sending')
RETURNING budget, spent, reserved, budget_told AS told

-- name: reserve
UPDATE campaigns SET reserved = reserved + $2 WHERE campaign_id = $1

-- name: spend
-- $2: what was reserved, $3: what of it was spent.
UPDATE campaigns SET reserved = reserved - $2, spent = spent + $3 WHERE campaign_id = $1 AND spent IS NOT NULL

-- name: budget_told
UPDATE campaigns SET budget_told = true WHERE campaign_id = $1

-- name: under_way
-- Submitted, and not over.
SELECT campaign_id FROM campaigns
WHERE account_id = $1 AND status IN ('processing', 'ready', 'scheduled', 'started', 'sending', 'paused', 'suspended')
    AND substr(campaign_id::text, 15, 1) <> '8'
ORDER BY campaign_id LIMIT 100
