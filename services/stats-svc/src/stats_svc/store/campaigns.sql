-- name: note_change
-- DO NOTHING takes no lock on a row that exists: events of one campaign do not wait for each other here.
WITH known AS (
    INSERT INTO campaigns (campaign_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING
)
INSERT INTO changes (campaign_id) VALUES ($1)

-- name: apply_move
-- An older move than the one known changes nothing. Events of older releases bring no tags.
WITH moved AS (
    INSERT INTO campaigns AS c (campaign_id, account_id, name, status, version, recipients, aborted, tags, named_at)
    VALUES ($1, $2, $3, $4, $5, $6, $4 = 'aborted', coalesce($7::text[], '{}'), $8)
    ON CONFLICT (campaign_id) DO UPDATE SET
        name = CASE WHEN c.named_at > $8 THEN c.name ELSE excluded.name END,
        tags = CASE WHEN c.named_at > $8 OR $7::text[] IS NULL THEN c.tags ELSE excluded.tags END,
        named_at = greatest(c.named_at, $8),
        status = excluded.status,
        version = excluded.version,
        recipients = coalesce(excluded.recipients, c.recipients),
        aborted = c.aborted OR excluded.aborted
    WHERE c.version < excluded.version
    RETURNING c.campaign_id
)
INSERT INTO changes (campaign_id) SELECT campaign_id FROM moved

-- name: apply_edit
WITH edited AS (
    INSERT INTO campaigns AS c (campaign_id, account_id, name, tags, named_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (campaign_id) DO UPDATE SET name = excluded.name, tags = excluded.tags, named_at = excluded.named_at
    WHERE c.named_at IS NULL OR c.named_at <= excluded.named_at
    RETURNING c.campaign_id
)
INSERT INTO changes (campaign_id) SELECT campaign_id FROM edited

-- name: find
SELECT campaign_id, name, status, recipients, aborted FROM campaigns WHERE campaign_id = $1 AND account_id = $2

-- name: lead
-- One replica publishes at a time; the lock ends with the transaction, so a dead leader leaves nothing behind.
SELECT pg_try_advisory_xact_lock(7306105123)

-- name: take_changes
-- Only committed changes are seen; one that commits later is there at the next tick.
WITH taken AS (DELETE FROM changes RETURNING campaign_id)
SELECT campaign_id, account_id, name, status, tags, recipients, aborted FROM campaigns
WHERE campaign_id IN (SELECT campaign_id FROM taken UNION ALL SELECT unnest($1::uuid[]))
