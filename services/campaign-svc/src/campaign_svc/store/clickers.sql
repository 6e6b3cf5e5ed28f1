-- name: add
INSERT INTO clickers (campaign_id, seq, at)
SELECT $1, c.seq, min(c.at) FROM unnest($2::int[], $3::timestamptz[]) AS c (seq, at) GROUP BY c.seq ORDER BY c.seq
ON CONFLICT DO NOTHING

-- name: into_segment
-- Who was erased since is not there any more.
INSERT INTO segment_members (segment_id, contact_id)
SELECT DISTINCT $3::uuid, c.id
FROM clickers AS x
JOIN recipients AS r USING (campaign_id, seq)
JOIN contacts AS c ON c.account_id = $1 AND c.id = r.contact_id
WHERE x.campaign_id = $2
