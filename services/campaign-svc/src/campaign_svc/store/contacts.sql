-- name: page
-- A search: $5 is a part of the number, or $6 one of a value of an attribute; as JSON ($7) it is looked for first, which is
-- three times as fast as going through the values.
SELECT id, number, country, attributes, tags, timezone, created_at, updated_at FROM contacts
WHERE account_id = $1 AND ($2::uuid IS NULL OR id < $2) AND ($4::text IS NULL OR tags <> '{}' AND tags @> ARRAY[$4])
    AND ($5::text IS NULL OR strpos(number, $5) > 0)
    AND ($6::text IS NULL OR strpos(lower(attributes::text), $7) > 0
        AND EXISTS (SELECT FROM jsonb_each_text(attributes) AS a WHERE strpos(lower(a.value), $6) > 0))
ORDER BY id DESC LIMIT $3

-- name: page_of_segment
SELECT c.id, c.number, c.country, c.attributes, c.tags, c.timezone, c.created_at, c.updated_at
FROM segment_members m JOIN contacts c ON c.id = m.contact_id
WHERE m.segment_id = $8 AND c.account_id = $1 AND ($2::uuid IS NULL OR m.contact_id < $2)
    AND ($4::text IS NULL OR c.tags @> ARRAY[$4])
    AND ($5::text IS NULL OR strpos(c.number, $5) > 0)
    AND ($6::text IS NULL OR strpos(lower(c.attributes::text), $7) > 0
        AND EXISTS (SELECT FROM jsonb_each_text(c.attributes) AS a WHERE strpos(lower(a.value), $6) > 0))
ORDER BY m.contact_id DESC LIMIT $3

-- name: by_number
SELECT id, number, country, attributes, tags, timezone, created_at, updated_at FROM contacts c
WHERE account_id = $1 AND number = $2 AND ($3::text IS NULL OR tags @> ARRAY[$3])
    AND ($4::uuid IS NULL OR EXISTS (SELECT FROM segment_members m WHERE m.segment_id = $4 AND m.contact_id = c.id))

-- name: count
SELECT count(*) FROM contacts WHERE account_id = $1 AND ($2::text IS NULL OR tags <> '{}' AND tags @> ARRAY[$2])

-- name: count_of_segment
-- Members are contacts: only a tag needs a look at them.
SELECT count(*) FROM segment_members m JOIN segments s ON s.id = m.segment_id
WHERE m.segment_id = $2 AND s.account_id = $1

-- name: count_of_segment_by_tag
SELECT count(*) FROM segment_members m JOIN contacts c ON c.id = m.contact_id
WHERE m.segment_id = $2 AND c.account_id = $1 AND c.tags @> ARRAY[$3::text]

-- name: find
SELECT id, number, country, attributes, tags, timezone, created_at, updated_at FROM contacts
WHERE account_id = $1 AND id = $2

-- name: lock
SELECT id, number, country, attributes, tags, timezone, created_at, updated_at FROM contacts
WHERE account_id = $1 AND id = $2 FOR UPDATE

-- name: add
INSERT INTO contacts (id, account_id, number, country, attributes, tags, timezone, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (account_id, number) DO NOTHING
RETURNING id

-- name: save
UPDATE contacts SET number = $3, country = $4, attributes = $5, tags = $6, timezone = $7, updated_at = $8
WHERE account_id = $1 AND id = $2

-- name: delete
DELETE FROM contacts WHERE account_id = $1 AND id = $2 RETURNING number

-- name: delete_memberships
-- In a statement behind the other one, which has waited for whoever was adding members.
DELETE FROM segment_members m USING segments s WHERE s.account_id = $1 AND m.segment_id = s.id AND m.contact_id = $2

-- name: know_names
INSERT INTO attribute_names (account_id, name) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING

-- name: known_names
SELECT name FROM attribute_names WHERE account_id = $1 ORDER BY name

-- name: prepare_slice
-- Emptied by each commit; made once a connection, so that imports leave no dead rows in the catalog.
CREATE TEMPORARY TABLE IF NOT EXISTS import_slice (
    id uuid, number text, country text, attributes text, tags text[], timezone text
) ON COMMIT DELETE ROWS

-- name: add_slice
-- Rows in the order of their numbers, so that two imports of an account cannot wait for each other in a circle.
WITH added AS (
    INSERT INTO contacts (id, account_id, number, country, attributes, tags, timezone, import_id, created_at, updated_at)
    SELECT id, $1, number, country, attributes::jsonb, coalesce(tags, '{}'), timezone, $2, $3, $3
    FROM import_slice ORDER BY number
    ON CONFLICT (account_id, number) DO NOTHING
    RETURNING id
), members AS (
    INSERT INTO segment_members (segment_id, contact_id)
    SELECT s.id, added.id FROM added, (SELECT id FROM segments WHERE id = $4 FOR KEY SHARE) AS s
)
SELECT count(*) FROM added

-- name: update_slice
-- The rows of the slice that the account had before: they have another id there. What stood before is looked up number
-- by number, and written by way of the same index: a join would read the whole account for every slice.
-- What the file has a column for ($4, $5, $6) is as the file says, also where its cell is empty.
WITH before AS MATERIALIZED (
    SELECT s.*, c.import_id
    FROM import_slice AS s, LATERAL (
        SELECT id, import_id FROM contacts WHERE account_id = $1 AND number = s.number OFFSET 0
    ) AS c
    WHERE c.id <> s.id
), merged AS (
    INSERT INTO contacts AS c
        (id, account_id, number, country, attributes, tags, timezone, import_id, created_at, updated_at)
    SELECT id, $1, number, country, attributes::jsonb, coalesce(tags, '{}'), timezone, $2, $3, $3
    FROM before ORDER BY number
    ON CONFLICT (account_id, number) DO UPDATE SET
        country = excluded.country,
        attributes = (c.attributes - $4::text[]) || excluded.attributes,
        tags = CASE WHEN $5 THEN excluded.tags ELSE c.tags END,
        timezone = CASE WHEN $6 THEN excluded.timezone ELSE c.timezone END,
        import_id = $2,
        updated_at = $3
    RETURNING c.id
), members AS (
    INSERT INTO segment_members (segment_id, contact_id)
    SELECT s.id, merged.id FROM merged, (SELECT id FROM segments WHERE id = $7 FOR KEY SHARE) AS s
    ON CONFLICT DO NOTHING
)
SELECT count(*) FILTER (WHERE import_id = $2) FROM before
