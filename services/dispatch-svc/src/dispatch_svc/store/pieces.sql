-- name: take
-- A piece is taken once; with texts that passed later it takes the place of what was not sent yet. The work is announced
-- to the pacers of all replicas.
WITH new AS (
    INSERT INTO pieces (campaign_id, first_seq, account_id, sender_id, pace, size, value, content_version, sendable)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8,
        (SELECT range_agg(tstzrange(opens, closes)) FROM unnest($9::timestamptz[], $10::timestamptz[]) AS s (opens, closes)))
    ON CONFLICT (campaign_id, first_seq) DO UPDATE
    SET value = excluded.value, content_version = excluded.content_version, sendable = excluded.sendable
    WHERE pieces.content_version < excluded.content_version AND pieces.value IS NOT NULL
    RETURNING sender_id, xmax = 0 AS is_new
)
SELECT is_new, pg_notify('work', sender_id::text) FROM new

-- name: work
-- Campaigns that may send and have something that may leave now, by sender; $1 are senders, or NULL for all.
SELECT sender_id, campaign_id, bool_or(came_back) AS came_back
FROM (
    SELECT sender_id, campaign_id, false AS came_back FROM pieces
    WHERE next_offset < size AND ($1::uuid[] IS NULL OR sender_id = ANY($1)) AND (sendable IS NULL OR sendable @> now())
    UNION ALL
    SELECT sender_id, campaign_id, true FROM returned
    WHERE not_before <= now() AND ($1::uuid[] IS NULL OR sender_id = ANY($1))
    AND NOT EXISTS (SELECT FROM pieces p WHERE p.campaign_id = returned.campaign_id
        AND p.first_seq = returned.first_seq AND NOT p.sendable @> now())
) open
JOIN campaigns USING (campaign_id)
WHERE campaigns.status = ANY($2)
GROUP BY sender_id, campaign_id

-- name: value
SELECT value FROM pieces WHERE campaign_id = $1 AND first_seq = $2

-- name: unsendable
-- Pieces of campaigns that will never send again and of which something was not handed over.
SELECT campaign_id, first_seq FROM pieces JOIN campaigns USING (campaign_id)
WHERE campaigns.status = ANY($1) AND next_offset < size
UNION
SELECT campaign_id, first_seq FROM returned JOIN campaigns USING (campaign_id) WHERE campaigns.status = ANY($1)
LIMIT $2

-- name: take_rest
-- What was never leased of a piece; from now on nothing of it can be leased.
WITH rest AS (
    SELECT campaign_id, first_seq, next_offset FROM pieces
    WHERE campaign_id = $1 AND first_seq = $2
    FOR UPDATE
)
UPDATE pieces SET next_offset = size FROM rest
WHERE pieces.campaign_id = rest.campaign_id AND pieces.first_seq = rest.first_seq
RETURNING rest.next_offset, pieces.size, pieces.sender_id, pieces.pace, pieces.value

-- name: take_returned
DELETE FROM returned WHERE campaign_id = $1 AND first_seq = $2 RETURNING offsets

-- name: forget_values
-- What is needed no more once everything of a piece is settled. Oldest first, a bounded number.
UPDATE pieces SET value = NULL
WHERE (campaign_id, first_seq) IN (
    SELECT campaign_id, first_seq FROM pieces p
    WHERE value IS NOT NULL AND next_offset = size
    AND NOT EXISTS (SELECT FROM slices s
        WHERE s.campaign_id = p.campaign_id AND s.first_seq = p.first_seq AND s.state <> 'done')
    AND NOT EXISTS (SELECT FROM returned r WHERE r.campaign_id = p.campaign_id AND r.first_seq = p.first_seq)
    ORDER BY taken_at LIMIT 1000 FOR UPDATE SKIP LOCKED
)
