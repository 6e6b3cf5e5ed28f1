-- name: note_change
-- DO NOTHING takes no lock on a row that exists: events of one campaign do not wait for each other here.
WITH known AS (
    INSERT INTO campaigns (campaign_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING
)
INSERT INTO changes (campaign_id) VALUES ($1)

-- name: apply_move
-- An older move than the one known changes nothing. The figures of a campaign that is aborted change with the move.
WITH moved AS (
    INSERT INTO campaigns AS c (campaign_id, account_id, name, status, version, recipients, aborted)
    VALUES ($1, $2, $3, $4, $5, $6, $4 = 'aborted')
    ON CONFLICT (campaign_id) DO UPDATE SET
        name = excluded.name,
        status = excluded.status,
        version = excluded.version,
        recipients = coalesce(excluded.recipients, c.recipients),
        aborted = c.aborted OR excluded.aborted
    WHERE c.version < excluded.version
    RETURNING c.campaign_id
)
INSERT INTO changes (campaign_id) SELECT campaign_id FROM moved WHERE $4 = 'aborted'

-- name: find
SELECT campaign_id, name, status, recipients, aborted FROM campaigns WHERE campaign_id = $1 AND account_id = $2

-- name: lead
-- One replica publishes at a time; the lock ends with the transaction, so a dead leader leaves nothing behind.
SELECT pg_try_advisory_xact_lock(7306105123)

-- name: take_changes
-- Only committed changes are seen; one that commits later is there at the next tick.
WITH taken AS (DELETE FROM changes RETURNING campaign_id)
SELECT campaign_id, account_id, recipients, aborted FROM campaigns WHERE campaign_id IN (SELECT campaign_id FROM taken)
