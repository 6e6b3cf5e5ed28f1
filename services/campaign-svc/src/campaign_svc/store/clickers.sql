-- name: add
-- The first click counts. Newer rules than those that judged the recipient before are noted, and may count who was
-- found to be none; older ones, of an event that is late, may not.
INSERT INTO clickers AS x (campaign_id, seq, at, rules)
SELECT $1, c.seq, min(c.at), $4 FROM unnest($2::int[], $3::timestamptz[]) AS c (seq, at) GROUP BY c.seq ORDER BY c.seq
ON CONFLICT (campaign_id, seq) DO UPDATE SET at = coalesce(x.at, excluded.at), rules = greatest(x.rules, excluded.rules)
WHERE x.rules < excluded.rules OR (x.rules = excluded.rules AND x.at IS NULL)

-- name: correct
-- What those rules, or newer ones, have said of a click since stands.
INSERT INTO clickers AS x (campaign_id, seq, at, rules)
SELECT $1, c.seq, c.at, $4 FROM unnest($2::int[], $3::timestamptz[]) AS c (seq, at) ORDER BY c.seq
ON CONFLICT (campaign_id, seq) DO UPDATE SET at = excluded.at, rules = excluded.rules
WHERE x.rules < excluded.rules OR (x.rules = excluded.rules AND x.at IS NULL)

-- name: into_segment
-- Who was erased since is not there any more.
INSERT INTO segment_members (segment_id, contact_id)
SELECT DISTINCT $3::uuid, c.id
FROM clickers AS x
JOIN recipients AS r USING (campaign_id, seq)
JOIN contacts AS c ON c.account_id = $1 AND c.id = r.contact_id
WHERE x.campaign_id = $2 AND x.at IS NOT NULL
