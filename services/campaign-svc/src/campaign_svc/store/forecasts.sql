-- name: mark
-- $2 ids of campaigns, or NULL; $3 a sender; $4 a pool: those of the account that are not over.
INSERT INTO stale_forecasts (campaign_id, at)
SELECT id, $5 FROM campaigns
WHERE account_id = $1 AND status IN ('ready', 'scheduled', 'started', 'sending', 'paused', 'suspended')
    AND (id = $2 OR sender_id = $3 OR short_pool_id = $4 OR optout_pool_id = $4)
ON CONFLICT (campaign_id) DO UPDATE SET at = excluded.at

-- name: claim
-- Others leave it alone until $2; by then it is made, or made again.
UPDATE stale_forecasts SET at = $2 WHERE campaign_id = (
    SELECT campaign_id FROM stale_forecasts WHERE at <= $1 ORDER BY at LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING campaign_id, (SELECT account_id FROM campaigns WHERE id = campaign_id) AS account_id

-- name: save
UPDATE campaigns SET forecast = $2, typical_parts = $3
WHERE id = $1 AND status IN ('ready', 'scheduled', 'started', 'sending', 'paused', 'suspended')

-- name: done
-- Unless it became stale once more.
DELETE FROM stale_forecasts WHERE campaign_id = $1 AND at = $2
