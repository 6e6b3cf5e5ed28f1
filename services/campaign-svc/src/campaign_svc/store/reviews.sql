-- name: page
-- The longest waiting first.
SELECT * FROM campaigns AS c WHERE {waiting}
    AND ($8::timestamptz IS NULL OR (c.since, c.id) > ($8, $9::uuid))
ORDER BY c.since, c.id LIMIT $7

-- name: count
SELECT count(*) FROM campaigns AS c WHERE {waiting}

-- name: waiting
-- Changed texts ($6) are those of a campaign that was launched.
c.account_id = $1 AND c.moderation ->> 'verdict' = 'review'
    AND (c.status = 'processing' OR (c.status = 'suspended' AND c.code = 'content_needs_review'))
    AND ($2::text IS NULL OR strpos(lower(c.name), lower($2)) > 0)
    AND ($3::text IS NULL OR c.submitted_by = $3)
    AND ($4::text IS NULL OR c.moderation -> 'findings' @> jsonb_build_array(jsonb_build_object('category', $4)))
    AND ($5::text IS NULL OR c.moderation -> 'findings' @> jsonb_build_array(jsonb_build_object('rule', $5)))
    AND ($6::boolean IS NULL OR (c.status = 'suspended') = $6)
