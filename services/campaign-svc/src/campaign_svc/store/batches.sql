-- name: add
INSERT INTO batches (campaign_id, batch_no, first_seq, count, content_hash, short_pool_id, optout_pool_id)
SELECT $1, b.batch_no, b.first_seq, b.count, $2, $3, $4
FROM unnest($5::int[], $6::int[], $7::int[]) AS b (batch_no, first_seq, count)

-- name: outstanding
SELECT count(*) FROM batches WHERE campaign_id = $1 AND settled < count

-- name: unpublished
-- Locked until they are marked: another replica takes others, and a crash lets go of them.
-- A paused campaign's batches may go (nothing of them is handed over while it is paused), an aborted one's need not.
SELECT now() + make_interval(secs => s.validity_s) AS expires_at, s.validity_s,
    b.campaign_id, b.batch_no, b.first_seq, b.count, b.content_hash, b.short_pool_id, b.optout_pool_id,
    c.account_id, c.content_version, o.texts, o.target_url, o.links, o.transliterate,
    s.id AS sender_id, s.address, s.kind, s.parts_per_second, s.version AS sender_version,
    b.created_at, c.links_expire_after, c.hours, g.zones, g.country,
    b.optout_pool_id IS NOT NULL AND EXISTS (
        SELECT FROM attribute_names AS n WHERE n.account_id = c.account_id AND n.name = 'language'
    ) AS has_languages
FROM batches AS b
JOIN campaigns AS c ON c.id = b.campaign_id
JOIN campaign_contents AS o ON o.campaign_id = b.campaign_id AND o.hash = b.content_hash
JOIN senders AS s ON s.id = c.sender_id
LEFT JOIN campaign_groups AS g ON g.campaign_id = b.campaign_id AND b.first_seq >= g.first_seq AND b.first_seq < g.first_seq + g.count
WHERE b.published_at IS NULL AND c.status IN ('started', 'sending', 'paused', 'suspended')
ORDER BY b.campaign_id, b.batch_no
LIMIT $1
FOR UPDATE OF b SKIP LOCKED

-- name: any_unpublished
SELECT EXISTS (SELECT FROM batches WHERE campaign_id = $1 AND published_at IS NULL)

-- name: mark_published
UPDATE batches AS b SET published_at = now()
FROM unnest($1::uuid[], $2::int[]) AS p (campaign_id, batch_no)
WHERE b.campaign_id = p.campaign_id AND b.batch_no = p.batch_no

-- name: revise
-- What was not settled is published again with the texts that passed ($2); dispatch-svc sends nothing with others.
UPDATE batches SET content_hash = $2, published_at = NULL WHERE campaign_id = $1 AND settled < count

-- name: unsettled
SELECT first_seq, count FROM batches WHERE campaign_id = $1 AND settled < count ORDER BY first_seq

-- name: of_other_texts
SELECT EXISTS (SELECT FROM batches WHERE campaign_id = $1 AND content_hash <> $2)

-- name: settle
UPDATE batches SET settled = settled + $3 WHERE campaign_id = $1 AND batch_no = $2 RETURNING settled >= count
