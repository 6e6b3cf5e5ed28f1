-- name: add
INSERT INTO segments (id, account_id, name, created_at, kind, filter)
VALUES ($1, $2, $3, $4, CASE WHEN $5::jsonb IS NULL THEN 'static' ELSE 'dynamic' END, $5)
ON CONFLICT (account_id, name) DO NOTHING
RETURNING id

-- name: by_name
SELECT id FROM segments WHERE account_id = $1 AND name = $2 AND kind = 'static'

-- name: find
SELECT s.id, s.name, s.kind, s.filter, s.created_at, s.refreshed_at,
    (SELECT count(*) FROM segment_members m WHERE m.segment_id = s.id) AS members
FROM segments s WHERE s.account_id = $1 AND s.id = $2

-- name: lock
SELECT id, name, kind, filter, created_at, refreshed_at FROM segments WHERE account_id = $1 AND id = $2 FOR NO KEY UPDATE

-- name: page
-- The order asks for nothing but the index: where one segment has most of the rows, the table would be read for each.
SELECT s.id, s.name, s.kind, s.filter, s.created_at, s.refreshed_at,
    (SELECT count(*) FROM (
        SELECT FROM segment_members m WHERE m.segment_id = s.id ORDER BY m.segment_id, m.contact_id OFFSET 0) AS x) AS members
FROM segments s
WHERE s.account_id = $1 AND ($2::uuid IS NULL OR s.id < $2)
ORDER BY s.id DESC LIMIT $3

-- name: count
SELECT count(*) FROM segments WHERE account_id = $1

-- name: change
UPDATE segments SET name = $2, filter = coalesce($3, filter) WHERE id = $1

-- name: dynamic
-- Locked in one order, so that nobody else takes their members anew at the same time. $4: those that were refreshed later
-- are left out.
WITH wanted AS (
    SELECT id FROM segments WHERE account_id = $1 AND id = ANY($2::uuid[]) AND kind = 'dynamic'
        AND ($4::timestamptz IS NULL OR refreshed_at IS NULL OR refreshed_at < $4)
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE segments AS s SET refreshed_at = $3 FROM wanted WHERE s.id = wanted.id RETURNING s.id, s.filter

-- name: delete
DELETE FROM segments WHERE account_id = $1 AND id = $2

-- name: delete_members
-- In a statement behind the other one, which has waited for whoever was adding members.
DELETE FROM segment_members WHERE segment_id = $1

-- name: add_members
INSERT INTO segment_members (segment_id, contact_id)
SELECT s.id, c.id FROM segments s JOIN contacts c ON c.account_id = s.account_id
WHERE s.account_id = $1 AND s.id = $2 AND c.id = ANY($3::uuid[])
ORDER BY c.id
FOR KEY SHARE
ON CONFLICT DO NOTHING

-- name: remove_members
DELETE FROM segment_members m USING segments s
WHERE s.account_id = $1 AND s.id = $2 AND m.segment_id = s.id AND m.contact_id = ANY($3::uuid[])

-- name: unknown_contacts
SELECT id FROM unnest($2::uuid[]) AS id WHERE NOT EXISTS (SELECT FROM contacts c WHERE c.account_id = $1 AND c.id = id.id)
LIMIT 5
