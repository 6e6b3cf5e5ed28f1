-- name: move
-- A newer version wins. Every replica's memory hears of it when the transaction commits.
WITH moved AS (
    INSERT INTO campaigns (campaign_id, account_id, status, version, content_hash, content_version, sendable_since)
    VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $3 = ANY($7::text[]) THEN now() END)
    ON CONFLICT (campaign_id) DO UPDATE SET status = excluded.status, version = excluded.version,
        content_hash = excluded.content_hash, content_version = excluded.content_version,
        changed_at = now(), sendable_since = CASE WHEN campaigns.status = ANY($7) AND excluded.status = ANY($7)
            THEN campaigns.sendable_since ELSE excluded.sendable_since END
    WHERE campaigns.version < excluded.version
    RETURNING *
)
SELECT pg_notify('moved', campaign_id || ' ' || version || ':' || content_version || ':' || coalesce(content_hash, '')
    || ' ' || status) FROM moved

-- name: sendable
SELECT campaign_id, content_hash, content_version, sendable_since FROM campaigns WHERE status = ANY($1)
