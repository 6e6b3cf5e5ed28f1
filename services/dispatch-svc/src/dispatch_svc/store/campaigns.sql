-- name: move
-- A newer version wins. Every replica's memory hears of it when the transaction commits.
WITH moved AS (
    INSERT INTO campaigns (campaign_id, account_id, status, version) VALUES ($1, $2, $3, $4)
    ON CONFLICT (campaign_id) DO UPDATE SET status = excluded.status, version = excluded.version
    WHERE campaigns.version < excluded.version
    RETURNING campaign_id, version, status
)
SELECT pg_notify('moved', campaign_id || ' ' || version || ' ' || status) FROM moved

-- name: sendable
SELECT campaign_id FROM campaigns WHERE status = ANY($1)
