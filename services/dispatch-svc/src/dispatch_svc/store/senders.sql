-- name: learn
-- The highest version wins; of the same one the last (a sender that was edited by a release which did not count). The
-- pacers of all replicas hear of it when the transaction commits. A row that says so already is not touched, and so
-- not locked either: every piece brings a pace.
WITH learned AS (
    INSERT INTO senders (sender_id, pace, version)
    SELECT $1, $2, $3
    WHERE NOT EXISTS (SELECT FROM senders WHERE sender_id = $1 AND (version > $3 OR (version = $3 AND pace = $2)))
    ON CONFLICT (sender_id) DO UPDATE SET pace = excluded.pace, version = excluded.version
    WHERE senders.version <= excluded.version
    RETURNING sender_id
)
SELECT pg_notify('work', sender_id::text) FROM learned

-- name: paces
-- Pieces that an older release took taught nothing: of a sender without a row the newest piece counts.
SELECT sender_id, coalesce(
    (SELECT pace FROM senders WHERE senders.sender_id = asked.sender_id),
    (SELECT pace FROM pieces WHERE pieces.sender_id = asked.sender_id ORDER BY taken_at DESC LIMIT 1)) AS pace
FROM unnest($1::uuid[]) AS asked (sender_id)
