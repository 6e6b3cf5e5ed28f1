-- name: page
-- $1 account, $2 name, $3 statuses, $4 tags, $5 sender, $6 type, $7 created from, $8 created before, $9 cursor, $10 limit.
-- Ids are made in the order of creation.
SELECT * FROM campaigns
WHERE account_id = $1 AND status <> 'deleted'
    AND ($2::text IS NULL OR strpos(lower(name), lower($2)) > 0)
    AND ($3::text[] IS NULL OR status = ANY($3))
    AND ($4::text[] IS NULL OR tags @> $4)
    AND ($5::uuid IS NULL OR sender_id = $5)
    AND ($6::text IS NULL OR type = $6)
    AND ($7::timestamptz IS NULL OR created_at >= $7)
    AND ($8::timestamptz IS NULL OR created_at < $8)
    AND ($9::uuid IS NULL OR id < $9)
ORDER BY id DESC
LIMIT $10

-- name: page_oldest_first
SELECT * FROM campaigns
WHERE account_id = $1 AND status <> 'deleted'
    AND ($2::text IS NULL OR strpos(lower(name), lower($2)) > 0)
    AND ($3::text[] IS NULL OR status = ANY($3))
    AND ($4::text[] IS NULL OR tags @> $4)
    AND ($5::uuid IS NULL OR sender_id = $5)
    AND ($6::text IS NULL OR type = $6)
    AND ($7::timestamptz IS NULL OR created_at >= $7)
    AND ($8::timestamptz IS NULL OR created_at < $8)
    AND ($9::uuid IS NULL OR id > $9)
ORDER BY id
LIMIT $10

-- name: total
SELECT count(*) FROM campaigns
WHERE account_id = $1 AND status <> 'deleted'
    AND ($2::text IS NULL OR strpos(lower(name), lower($2)) > 0)
    AND ($3::text[] IS NULL OR status = ANY($3))
    AND ($4::text[] IS NULL OR tags @> $4)
    AND ($5::uuid IS NULL OR sender_id = $5)
    AND ($6::text IS NULL OR type = $6)
    AND ($7::timestamptz IS NULL OR created_at >= $7)
    AND ($8::timestamptz IS NULL OR created_at < $8)

-- name: queue
-- Campaigns whose texts wait for a reviewer, the longest waiting first.
SELECT * FROM campaigns
WHERE account_id = $1 AND moderation ->> 'verdict' = 'review' AND id > coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid)
    AND (status = 'processing' OR (status = 'suspended' AND code = 'content_needs_review'))
ORDER BY id
LIMIT $3
