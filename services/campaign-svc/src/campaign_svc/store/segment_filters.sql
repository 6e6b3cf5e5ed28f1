-- name: count
SELECT count(*) FROM contacts AS c WHERE c.account_id = $1 AND {where}

-- name: forget
DELETE FROM segment_members WHERE segment_id = $1

-- name: materialise
INSERT INTO segment_members (segment_id, contact_id)
SELECT {segment}::uuid, c.id FROM contacts AS c WHERE c.account_id = $1 AND {where}

-- name: unknown
SELECT id FROM unnest($2::uuid[]) AS id
WHERE NOT EXISTS (SELECT FROM segments AS s WHERE s.account_id = $1 AND s.id = id.id AND s.kind = 'static')
UNION ALL
SELECT id FROM unnest($3::uuid[]) AS id
WHERE NOT EXISTS (SELECT FROM campaigns AS k WHERE k.account_id = $1 AND k.id = id.id)
LIMIT 5

-- name: tag
c.tags <> '{}' AND c.tags @> ARRAY[$value::text]

-- name: countries
c.country = ANY($value::text[])

-- name: attribute
c.attributes ? $value::text

-- name: attribute_values
coalesce(c.attributes ->> $value::text = ANY($choices::text[]), false)

-- name: segment_id
c.id IN (SELECT m.contact_id FROM segment_members AS m WHERE m.segment_id = $value::uuid)

-- name: look_up_once
-- Who is meant is gathered once and hashed. Of a campaign of today Postgres knows too little to see that this is quicker than
-- gathering them anew for each contact. A plan without what is off looks so dear that it would be compiled first.
SET LOCAL enable_nestloop = off; SET LOCAL jit = off

-- name: received
-- OFFSET 0: by the primary key, whatever Postgres believes of a campaign that was sent just now.
c.id IN (SELECT r.contact_id FROM campaigns AS k
    CROSS JOIN LATERAL (SELECT seqs, at FROM deliveries WHERE campaign_id = k.id OFFSET 0) AS d
    CROSS JOIN LATERAL unnest(d.seqs, d.at) AS x (seq, at)
    CROSS JOIN LATERAL (SELECT contact_id FROM recipients WHERE campaign_id = k.id AND seq = x.seq OFFSET 0) AS r
    WHERE k.account_id = $1 AND {campaign} AND {in_window})

-- name: clicked
c.id IN (SELECT r.contact_id FROM campaigns AS k
    CROSS JOIN LATERAL (SELECT seq, at FROM clickers WHERE campaign_id = k.id OFFSET 0) AS x
    CROSS JOIN LATERAL (SELECT contact_id FROM recipients WHERE campaign_id = k.id AND seq = x.seq OFFSET 0) AS r
    WHERE k.account_id = $1 AND {campaign} AND x.at IS NOT NULL AND {in_window})

-- name: replied
c.id IN (SELECT x.contact_id FROM inbound_messages AS x JOIN campaigns AS k ON k.id = x.campaign_id
    WHERE x.account_id = $1 AND {campaign} AND x.contact_id IS NOT NULL AND {in_window})

-- name: campaign
k.id = $value::uuid

-- name: since
x.at >= $value::timestamptz

-- name: until
x.at < $value::timestamptz

-- name: within_days
x.at >= now() - make_interval(days => $value::int)
