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

-- name: received
c.id IN (SELECT r.contact_id FROM recipients AS r JOIN campaigns AS k ON k.id = r.campaign_id
    WHERE k.account_id = $1 AND k.id = $value::uuid AND coalesce((
        SELECT r.seq < g.first_seq + g.fed FROM campaign_groups AS g
        WHERE g.campaign_id = k.id AND g.first_seq <= r.seq ORDER BY g.no DESC LIMIT 1), r.seq < k.next_seq))

-- name: clicked
c.id IN (SELECT r.contact_id FROM clickers AS x JOIN recipients AS r USING (campaign_id, seq)
    WHERE x.campaign_id = $value::uuid AND x.at IS NOT NULL)

-- name: replied
c.id IN (SELECT i.contact_id FROM inbound_messages AS i
    WHERE i.account_id = $1 AND i.campaign_id = $value::uuid AND i.contact_id IS NOT NULL)
