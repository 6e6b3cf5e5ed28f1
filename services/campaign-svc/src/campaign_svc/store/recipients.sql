-- name: forget
DELETE FROM recipients WHERE campaign_id = $1

-- name: snapshot
-- $1 campaign, $2 account, $3 include, $4 exclude, $5 countries with a price and a route, $6 the sender's countries or
-- NULL, $7 first slots of the variants, $8 fields that the texts use, $9 zones by name and by prefix of the number, or NULL, $10 whether
-- people of different countries stand apart, $11 a number to shuffle people by, or NULL: a third more time, so for waves alone.
-- Taking the other attributes away costs a tenth of putting an object together again.
-- The first reason that holds drops a contact. Counts come back by reason (NULL: a recipient) and country.
-- Contacts and suppressions are looked up by the account of the segment, not by $2: of an account that is new since the
-- last ANALYZE the planner expects one row, and would read all of its contacts once for each member.
WITH member AS MATERIALIZED (
    SELECT s.account_id, m.contact_id, count(*) AS times
    FROM segment_members AS m
    JOIN segments AS s ON s.id = m.segment_id AND s.account_id = $2
    WHERE m.segment_id = ANY($3::uuid[])
    GROUP BY s.account_id, m.contact_id
), judged AS MATERIALIZED (
    SELECT c.id, c.number, c.country, c.attributes, member.times,
        CASE WHEN $9::jsonb IS NOT NULL THEN coalesce($9 ->> c.timezone,
            $9 ->> substr(c.number, 2, 9), $9 ->> substr(c.number, 2, 8), $9 ->> substr(c.number, 2, 7),
            $9 ->> substr(c.number, 2, 6), $9 ->> substr(c.number, 2, 5), $9 ->> substr(c.number, 2, 4),
            $9 ->> substr(c.number, 2, 3), $9 ->> substr(c.number, 2, 2), $9 ->> substr(c.number, 2, 1), 'UTC')
            || CASE WHEN $10::boolean THEN '@' || c.country ELSE '' END
        END COLLATE "C" AS zone,
        CASE
            WHEN EXISTS (
                SELECT FROM segment_members AS x JOIN segments AS e ON e.id = x.segment_id AND e.account_id = $2
                WHERE x.segment_id = ANY($4::uuid[]) AND x.contact_id = c.id
            ) THEN 'excluded'
            WHEN p.number IS NOT NULL THEN 'suppressed'
            WHEN c.number !~ '^\+[1-9][0-9]{6,14}$' OR c.country !~ '^[A-Z]{2}$' THEN 'invalid'
            WHEN c.country <> ALL($6::text[]) THEN 'sender_country'
            WHEN c.country <> ALL($5::text[]) THEN 'unroutable'
        END AS reason
    FROM member
    JOIN contacts AS c ON c.account_id = member.account_id AND c.id = member.contact_id
    LEFT JOIN suppressions AS p ON p.account_id = member.account_id AND p.number = c.number
), numbered AS (
    SELECT id, number, country, attributes, row_number() OVER (ORDER BY zone, uuid_hash_extended(id, $11), id) - 1 AS seq FROM judged WHERE reason IS NULL
), taken AS (
    INSERT INTO recipients (campaign_id, seq, contact_id, number, country, variant, fields)
    SELECT $1, n.seq, n.id, n.number, n.country,
        width_bucket((n.seq * 40503 % 65536)::int, $7::int[]),
        n.attributes - (SELECT coalesce(array_agg(name), '{}') FROM attribute_names
            WHERE account_id = $2 AND name <> ALL($8::text[]))
    FROM numbered AS n
)
SELECT reason, country, zone, count(*) AS contacts, sum(times - 1)::bigint AS duplicates
FROM judged GROUP BY reason, country, zone

-- name: refresh
-- What was not fed yet takes the new texts' fields and ratio. $2 first seq, $3 slots, $4 fields, $5 how many.
UPDATE recipients AS r SET
    variant = width_bucket((r.seq::bigint * 40503 % 65536)::int, $3::int[]),
    fields = coalesce(
        (SELECT c.attributes FROM contacts AS c WHERE c.account_id = k.account_id AND c.id = r.contact_id), r.fields
    ) - k.unused
FROM (
    SELECT account_id, (SELECT coalesce(array_agg(name), '{}') FROM attribute_names AS n
        WHERE n.account_id = c.account_id AND name <> ALL($4::text[])) AS unused
    FROM campaigns AS c WHERE id = $1
) AS k
WHERE r.campaign_id = $1 AND r.seq >= $2 AND r.seq < $2 + $5::int

-- name: split
-- As refresh, of the variants alone, and only where another one is dealt.
UPDATE recipients SET variant = width_bucket((seq::bigint * 40503 % 65536)::int, $3::int[])
WHERE campaign_id = $1 AND seq >= $2 AND seq < $2 + $4::int
    AND variant <> width_bucket((seq::bigint * 40503 % 65536)::int, $3::int[])

-- name: some
SELECT seq, contact_id, number, country, variant, fields FROM recipients
WHERE campaign_id = $1 AND seq = ANY($2::int[]) ORDER BY seq

-- name: values
-- What contacts have now in some fields ($3): texts that were just edited may use others than were taken along.
SELECT DISTINCT f.key, f.value FROM recipients AS r
LEFT JOIN contacts AS c ON c.account_id = (SELECT account_id FROM campaigns WHERE id = $1) AND c.id = r.contact_id
CROSS JOIN LATERAL jsonb_each_text(coalesce(c.attributes, r.fields)) AS f
WHERE r.campaign_id = $1 AND r.seq = ANY($2::int[]) AND f.key = ANY($3::text[])

-- name: stretch
-- As columns, and the attributes as one document: a row for each, or a document for each, costs the reader twice as much.
SELECT array_agg(number) AS numbers, array_agg(country) AS countries, array_agg(variant) AS variants,
    '[' || string_agg(fields::text, ',') || ']' AS attributes
FROM (
    SELECT number, country, variant, fields FROM recipients
    WHERE campaign_id = $1 AND seq >= $2 AND seq < $3 ORDER BY seq
) AS recipient

-- name: contact_for_preview
SELECT id, number, country, attributes FROM contacts WHERE account_id = $1 AND id = $2

-- name: audience_size
SELECT count(DISTINCT m.contact_id) FROM segment_members AS m
JOIN segments AS s ON s.id = m.segment_id AND s.account_id = $1
WHERE m.segment_id = ANY($2::uuid[])
    AND NOT EXISTS (SELECT FROM segment_members AS x WHERE x.contact_id = m.contact_id AND x.segment_id = ANY($3::uuid[]))

-- name: some_contacts
-- Some of the first 20,000 of the audience, always the same: bounded, however large it is.
WITH member AS (
    SELECT DISTINCT m.contact_id FROM segment_members AS m
    JOIN segments AS s ON s.id = m.segment_id AND s.account_id = $1
    WHERE m.segment_id = ANY($2::uuid[]) AND NOT EXISTS (
        SELECT FROM segment_members AS x WHERE x.contact_id = m.contact_id AND x.segment_id = ANY($3::uuid[])
    )
    LIMIT 20000
)
SELECT c.id, c.number, c.country, c.attributes FROM contacts AS c
WHERE c.account_id = $1 AND c.id IN (SELECT contact_id FROM member ORDER BY md5(contact_id::text) LIMIT $4)

-- name: longest_contacts
-- Those of the same 20,000 who bring the longest values into the texts ($4: the fields they use).
WITH member AS (
    SELECT DISTINCT m.contact_id FROM segment_members AS m
    JOIN segments AS s ON s.id = m.segment_id AND s.account_id = $1
    WHERE m.segment_id = ANY($2::uuid[]) AND NOT EXISTS (
        SELECT FROM segment_members AS x WHERE x.contact_id = m.contact_id AND x.segment_id = ANY($3::uuid[])
    )
    LIMIT 20000
)
SELECT c.id, c.number, c.country, c.attributes FROM member
JOIN contacts AS c ON c.id = member.contact_id AND c.account_id = $1
CROSS JOIN LATERAL (
    SELECT sum(length(f.value) + 1000 * (f.value ~ '[^\x01-\x7f]')::int) AS length FROM jsonb_each_text(c.attributes) AS f
    WHERE f.key = ANY($4::text[])
) AS used
ORDER BY used.length DESC NULLS LAST LIMIT 20

-- name: contacts_for_preview
-- The first of each segment, so that nothing of a large one is read in vain.
SELECT DISTINCT c.id AS contact_id, c.number, c.country, c.attributes FROM segments AS s
CROSS JOIN LATERAL (SELECT contact_id FROM segment_members WHERE segment_id = s.id ORDER BY contact_id LIMIT $3) AS m
JOIN contacts AS c ON c.id = m.contact_id AND c.account_id = $1
WHERE s.account_id = $1 AND s.id = ANY($2::uuid[]) ORDER BY c.id LIMIT $3

-- name: recipients_for_preview
-- As the contacts are now: texts that were just edited may use other fields than were taken along.
SELECT c.id AS contact_id, c.number, c.country, c.attributes FROM recipients AS r
JOIN contacts AS c ON c.id = r.contact_id AND c.account_id = $1
WHERE r.campaign_id = $2 AND r.seq = ANY($3::int[]) ORDER BY r.seq
