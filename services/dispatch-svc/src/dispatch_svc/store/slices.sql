-- name: lease_fresh
-- The next recipients of the campaign's first open piece, in one statement. A piece that another replica is leasing from
-- is skipped. An owner that was found dead leases nothing. The commit need not reach the disk: nothing leaves before
-- mark_sending is there, and with it all that was written before.
WITH piece AS (
    SELECT campaign_id, first_seq, next_offset, size, set_config('synchronous_commit', 'off', true) FROM pieces
    WHERE sender_id = $1 AND campaign_id = $2 AND next_offset < size AND (sendable IS NULL OR sendable @> now())
    AND EXISTS (SELECT FROM owners WHERE owner_id = $4 AND dead_since IS NULL)
    ORDER BY first_seq LIMIT 1 FOR UPDATE SKIP LOCKED
), moved AS (
    UPDATE pieces SET next_offset = least(piece.size, piece.next_offset + $3) FROM piece
    WHERE pieces.campaign_id = piece.campaign_id AND pieces.first_seq = piece.first_seq
    RETURNING pieces.*, piece.next_offset AS from_offset
)
INSERT INTO slices (campaign_id, first_seq, sender_id, pace, offsets, owner_id)
SELECT campaign_id, first_seq, sender_id, pace, ARRAY(SELECT generate_series(from_offset, next_offset - 1)), $4
FROM moved
RETURNING slice_no, campaign_id, first_seq, sender_id, pace, offsets, attempts, tried_since, owner_id, avoid

-- name: lease_returned
WITH due AS (
    SELECT *, set_config('synchronous_commit', 'off', true) FROM returned
    WHERE sender_id = $1 AND campaign_id = $2 AND not_before <= now()
    AND NOT EXISTS (SELECT FROM pieces p WHERE p.campaign_id = returned.campaign_id
        AND p.first_seq = returned.first_seq AND NOT p.sendable @> now())
    AND EXISTS (SELECT FROM owners WHERE owner_id = $4 AND dead_since IS NULL)
    ORDER BY not_before LIMIT 1 FOR UPDATE SKIP LOCKED
), shortened AS (
    UPDATE returned SET offsets = due.offsets[$3 + 1:] FROM due
    WHERE returned.id = due.id AND cardinality(due.offsets) > $3
), gone AS (
    DELETE FROM returned USING due WHERE returned.id = due.id AND cardinality(due.offsets) <= $3
)
INSERT INTO slices (campaign_id, first_seq, sender_id, pace, offsets, attempts, tried_since, owner_id, avoid)
SELECT campaign_id, first_seq, sender_id, pace, offsets[:$3], attempts, tried_since, $4, avoid FROM due
RETURNING slice_no, campaign_id, first_seq, sender_id, pace, offsets, attempts, tried_since, owner_id, avoid

-- name: mark_sending
-- The write before the first hand-over. It only succeeds while the campaign may send these texts ($6: their hash) and
-- nobody settled the slice because its owner was found dead. Its owner may write it again, not knowing whether it did. The numbers that must not
-- be texted are looked up as late as this. $3: numbers, $4: country -> route id, $8: what is reserved of the campaign's budget;
-- nothing leaves without where it has one.
UPDATE slices SET state = 'sending', routes = $4, reserved = $8,
    suppressed = ARRAY(SELECT s.number FROM suppressions s
        WHERE s.account_id = $2 AND s.number = ANY($3) AND s.suppressed)
WHERE slice_no = $1 AND owner_id = $7 AND state <> 'done'
AND EXISTS (SELECT FROM campaigns c WHERE c.campaign_id = slices.campaign_id AND c.status = ANY($5)
    AND coalesce(c.content_hash, $6) = $6 AND ($8::numeric IS NOT NULL OR c.budget IS NULL))
RETURNING suppressed

-- name: settle
-- outcomes, costs and errors have an entry an offset, or one in all where all are the same: a tenth of the work.
-- Guarded: a slice is settled once, by its owner or by the one who found its owner dead. The number alone does not name
-- a slice: a lease that Postgres forgot in a crash leaves its number to another.
UPDATE slices SET state = 'done', settled_at = now(), offsets = $2, outcomes = $3, costs = $4, errors = $5, suppressed = NULL
WHERE slice_no = $1 AND owner_id = $7 AND state <> 'done' AND ($6::text IS NULL OR state = $6)
RETURNING coalesce(reserved, 0) AS reserved, EXISTS (
    SELECT FROM campaigns AS c WHERE c.campaign_id = slices.campaign_id AND c.spent IS NOT NULL) AS counted

-- name: insert_done
-- Recipients that were settled without having been leased.
INSERT INTO slices (campaign_id, first_seq, sender_id, pace, offsets, owner_id, state, settled_at, outcomes, costs, errors)
VALUES ($1, $2, $3, $4, $5, 0, 'done', now(), ARRAY[$6], ARRAY[0::numeric], ARRAY[NULL::text])
RETURNING slice_no

-- name: put_back
INSERT INTO returned (campaign_id, first_seq, sender_id, pace, offsets, attempts, tried_since, not_before, avoid)
VALUES ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8), $9)

-- name: leased_of_dead
SELECT slice_no, campaign_id, first_seq, sender_id, pace, offsets, attempts, tried_since, owner_id, avoid, state,
    suppressed, routes, leased_at
FROM slices WHERE owner_id = $1 AND state <> 'done' AND ($2 OR state = 'leased')
ORDER BY slice_no LIMIT $3
