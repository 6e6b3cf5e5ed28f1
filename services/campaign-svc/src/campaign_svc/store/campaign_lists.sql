-- The pieces of one statement, which `campaign_lists.page` puts together of what is asked for: Postgres plans what a
-- prepared statement says, not what its parameters happen to leave out. `$n` is numbered there.

-- name: page
-- The page first, then what stands beside each of its campaigns. The sort's {key} may be of campaign_progress.
SELECT
    c.id, c.name, c.tags, c.type, c.status, c.code, c.sentence, c.since, c.sender_id, s.address AS sender_address,
    c.recipients, c.dropped, c.next_seq, c.created_at, c.created_by, c.updated_at, c.launched_at,
    coalesce(p.submitted, 0), coalesce(p.failed, 0), coalesce(p.unknown, 0), coalesce(p.suppressed, 0),
    coalesce(p.cancelled, 0), coalesce(p.parts, 0), coalesce(p.cost, 0), p.currency,
    coalesce(p.delivered, 0), coalesce(p.clickers, 0), p.ctr, c.key
FROM (
    SELECT c.*, {key} AS key FROM campaigns AS c {join}
    WHERE c.account_id = $1 {conditions}
    ORDER BY {key} {direction}, c.id {direction}
    LIMIT {limit}
) AS c
LEFT JOIN campaign_progress AS p ON p.campaign_id = c.id
LEFT JOIN senders AS s ON s.id = c.sender_id
ORDER BY c.key {direction}, c.id {direction}

-- name: matching
SELECT count(*) FROM campaigns AS c WHERE c.account_id = $1 {conditions}

-- name: all
SELECT total FROM campaign_totals WHERE account_id = $1

-- name: not_deleted
-- Of every list but that of deleted campaigns: as the indexes have it.
AND c.status <> 'deleted'

-- name: with_name
AND search_terms(c.account_id, c.name) @> search_terms($1, $n) AND strpos(lower(c.name), lower($n)) > 0

-- name: with_short_name
AND strpos(lower(c.name), lower($n)) > 0

-- name: with_statuses
AND c.status = ANY($n::text[])

-- name: with_tags
AND c.tags @> $n::text[]

-- name: with_sender_id
AND c.sender_id = $n::uuid

-- name: with_type
AND c.type = $n::text

-- name: with_created_from
AND c.created_at >= $n::timestamptz

-- name: with_created_before
AND c.created_at < $n::timestamptz

-- name: join_progress
LEFT JOIN campaign_progress AS p ON p.campaign_id = c.id
