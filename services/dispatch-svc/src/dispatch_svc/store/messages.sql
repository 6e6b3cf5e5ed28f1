-- name: add_parts
INSERT INTO message_parts (route_id, provider_id, campaign_id, seq, variant, country, part_count, short_domain_id)
SELECT $1, provider_id, $2, seq, variant, country, part_count, $8
FROM unnest($3::text[], $4::integer[], $5::smallint[], $6::text[], $7::smallint[])
    AS new (provider_id, seq, variant, country, part_count)

-- name: add_known_parts
-- A provider that counts its ids anew may name an old message's again: the newer message has it from now on.
INSERT INTO message_parts (route_id, provider_id, campaign_id, seq, variant, country, part_count, short_domain_id)
SELECT DISTINCT ON (provider_id) $1, provider_id, $2, seq, variant, country, part_count, $8
FROM unnest($3::text[], $4::integer[], $5::smallint[], $6::text[], $7::smallint[])
    AS new (provider_id, seq, variant, country, part_count)
ON CONFLICT (route_id, provider_id) DO UPDATE SET campaign_id = excluded.campaign_id, seq = excluded.seq,
    variant = excluded.variant, country = excluded.country, part_count = excluded.part_count,
    short_domain_id = excluded.short_domain_id, status = NULL, error = NULL, status_at = NULL, created_at = now()

-- name: finish_parts
-- The first receipt of a part counts. Each part is looked up by its key, which the planner is given no choice about: of a
-- route, or of parts without a status, that are new since the last ANALYZE it expects one row, and would hold all of them
-- against each receipt.
WITH new AS MATERIALIZED (
    SELECT part.place, receipt.status, receipt.error, receipt.at
    FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) AS receipt (provider_id, status, error, at)
    CROSS JOIN LATERAL (
        SELECT p.ctid AS place FROM message_parts AS p
        WHERE p.route_id = $1 AND p.provider_id = receipt.provider_id AND p.status IS NULL FOR UPDATE
    ) AS part
)
UPDATE message_parts SET status = new.status, error = new.error, status_at = new.at
FROM new WHERE message_parts.ctid = new.place
RETURNING message_parts.provider_id, campaign_id, seq, variant, country, part_count, message_parts.status,
    message_parts.error, status_at, short_domain_id

-- name: finished_parts
-- A part without a status was settled since finish_parts looked: its receipt is early, not repeated.
SELECT part.provider_id, part.status, part.status_at
FROM unnest($2::text[]) AS receipt (provider_id)
CROSS JOIN LATERAL (
    SELECT * FROM message_parts AS p
    WHERE p.route_id = $1 AND p.provider_id = receipt.provider_id AND p.status IS NOT NULL OFFSET 0
) AS part

-- name: lock_messages
-- Two receipts of one long message may come at once; the later of them then sees both. In the order of the keys, so that two
-- such statements wait for each other and never in a circle.
SELECT pg_advisory_xact_lock(key)
FROM (SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest($1::text[]) AS name ORDER BY key) AS ordered

-- name: parts_of
SELECT part.campaign_id, part.seq, variant, country, part_count, status, error, status_at, short_domain_id
FROM unnest($1::uuid[], $2::integer[]) AS long (campaign_id, seq)
CROSS JOIN LATERAL (
    SELECT * FROM message_parts AS p
    WHERE p.campaign_id = long.campaign_id AND p.seq = long.seq AND p.part_count > 1 OFFSET 0
) AS part

-- name: add_unknown
INSERT INTO unknown_messages (campaign_id, seq, account_id, route_id, number, sender, batch_no, sender_id, short_domain_id,
    optout_domain_id, variant, country, parts, currency, cost)
SELECT $1, seq, $2, route_id, number, $3, $4, $5, $6, $7, variant, country, parts, $8, cost
FROM unnest($9::integer[], $10::uuid[], $11::text[], $12::smallint[], $13::text[], $14::smallint[], $15::numeric[])
    AS new (seq, route_id, number, variant, country, parts, cost)
ON CONFLICT DO NOTHING

-- name: take_unknown
DELETE FROM unknown_messages WHERE campaign_id = $1 AND seq = $2 AND account_id = $3 RETURNING *

-- name: take_unknown_by_number
-- A long message that has not a receipt for each part may have arrived in part only. $4: ids of the receipts at hand; others are parked.
DELETE FROM unknown_messages WHERE (campaign_id, seq) = (
    SELECT campaign_id, seq FROM unknown_messages
    WHERE route_id = $1 AND number = $2 AND sender = $3
    AND parts <= cardinality($4::text[]) + (SELECT count(DISTINCT provider_id) FROM parked_receipts
        WHERE route_id = $1 AND number = $2 AND sender = $3 AND provider_id <> ALL($4))
    ORDER BY settled_at LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING *
