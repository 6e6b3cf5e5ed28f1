-- name: add
INSERT INTO campaigns (id, account_id, name, created_at, created_by, updated_at, prepare_after)
VALUES ($1, $2, $3, $4, $5, $4, $4)

-- name: load
SELECT * FROM campaigns WHERE id = $1 AND account_id = $2 AND status <> 'deleted'

-- name: is_known
SELECT EXISTS (SELECT FROM campaigns WHERE id = $1 AND account_id = $2)

-- name: lock
-- NO KEY: history and batches may refer to the row meanwhile.
SELECT * FROM campaigns WHERE id = $1 AND account_id = $2 AND status <> 'deleted' FOR NO KEY UPDATE

-- name: lock_any_status
SELECT * FROM campaigns WHERE id = $1 AND account_id = $2 FOR NO KEY UPDATE

-- name: save
-- Columns by name, so that a release that knows fewer of them still saves.
UPDATE campaigns SET (
    name, tags, type, status, version, revision, updated_at, submitted_by, launched_at, include, exclude, sender_id,
    variants, target_url, links, utm, links_expire_after, short_pool_id, short_domains, optout_pool_id, optout_domains, start_mode, start_at, lateness_limit_s, budget_amount,
    budget_currency, max_parts_per_second, breakers, hours, waves, winner, recipients, dropped, moderation, forecast, content_hash, typical_parts,
    content_version, transliterate, authors, prepare_after, code, sentence, since, held_from, handed_over, next_batch_no, next_seq, feed_after,
    wave, wave_sent_at, redealt
) = (
    SELECT
        r.name, r.tags, r.type, r.status, r.version, r.revision, r.updated_at, r.submitted_by, r.launched_at,
        r.include, r.exclude, r.sender_id, r.variants, r.target_url, r.links, nullif(r.utm, 'null'), r.links_expire_after, r.short_pool_id, r.short_domains, r.optout_pool_id, r.optout_domains,
        r.start_mode, r.start_at, r.lateness_limit_s, r.budget_amount, r.budget_currency, r.max_parts_per_second, nullif(r.breakers, 'null'), nullif(r.hours, 'null'),
        r.waves, nullif(r.winner, 'null'), r.recipients, r.dropped, nullif(r.moderation, 'null'), nullif(r.forecast, 'null'), r.content_hash,
        r.typical_parts, r.content_version, r.transliterate, r.authors, r.prepare_after, r.code, r.sentence, r.since, nullif(r.held_from, 'null'), r.handed_over,
        r.next_batch_no, r.next_seq, r.feed_after, r.wave, r.wave_sent_at, r.redealt
    FROM jsonb_populate_record(NULL::campaigns, $2::jsonb) AS r
)
WHERE id = $1

-- name: advance
UPDATE campaigns SET next_batch_no = $2, next_seq = $3, feed_after = $4 WHERE id = $1

-- name: wait_until
UPDATE campaigns SET feed_after = $2 WHERE id = $1

-- name: wave_sent
UPDATE campaigns SET wave_sent_at = $2, feed_after = $3 WHERE id = $1

-- name: look_at_test
-- A test that was sent may be over by what its clicks say now. Locked in any case, so that whoever feeds either sees what
-- they say or looks again; and before the progress, as where outcomes are settled.
UPDATE campaigns SET feed_after = CASE WHEN wave_sent_at IS NULL THEN feed_after END
WHERE id = $1 AND winner IS NOT NULL AND wave = 0

-- name: postpone
UPDATE campaigns SET prepare_after = $2 WHERE id = $1

-- name: note_handover
UPDATE campaigns SET handed_over = true WHERE id = $1

-- name: add_history
INSERT INTO campaign_history (campaign_id, version, move, status_from, status_to, actor, code, sentence, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: history
SELECT h.version, h.move, h.status_from, h.status_to, h.actor, h.code, h.sentence, h.at
FROM campaign_history AS h
JOIN campaigns AS c ON c.id = h.campaign_id
WHERE c.id = $1 AND c.account_id = $2 AND h.version > $3
ORDER BY h.version
LIMIT $4

-- name: add_content
INSERT INTO campaign_contents (campaign_id, hash, texts, target_url, transliterate, links) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING

-- name: passed_content
SELECT texts, target_url, links FROM campaign_contents WHERE campaign_id = $1 AND hash = $2

-- name: wake
SELECT pg_notify('campaign_work', '')

-- name: next_to_prepare
-- New ones, and those whose changed texts wait for the rules.
SELECT * FROM campaigns
WHERE ((status = 'processing' AND moderation IS NULL)
    OR (status = 'suspended' AND code = 'content_needs_review' AND moderation IS NULL))
    AND prepare_after <= $1
ORDER BY prepare_after
LIMIT 1
FOR NO KEY UPDATE SKIP LOCKED

-- name: next_due
SELECT * FROM campaigns WHERE status = 'scheduled' AND start_at <= $1
ORDER BY start_at
LIMIT 1
FOR NO KEY UPDATE SKIP LOCKED

-- name: to_feed
SELECT id FROM campaigns
WHERE status IN ('started', 'sending') AND next_seq < recipients AND (feed_after IS NULL OR feed_after <= $1)
ORDER BY id

-- name: lock_to_feed
SELECT * FROM campaigns WHERE id = $1 AND status IN ('started', 'sending') FOR NO KEY UPDATE SKIP LOCKED

-- name: running_on_pool
SELECT * FROM campaigns
WHERE account_id = $1 AND status IN ('started', 'sending') AND (short_pool_id = $2 OR optout_pool_id = $2)
ORDER BY id
FOR NO KEY UPDATE

-- name: running_of
SELECT * FROM campaigns WHERE account_id = $1 AND status IN ('started', 'sending') ORDER BY id FOR NO KEY UPDATE

-- name: under_way
SELECT c.*, s.parts_per_second FROM campaigns AS c JOIN senders AS s ON s.id = c.sender_id
WHERE c.account_id = $1 AND c.id <> $2 AND c.status IN ('started', 'sending', 'scheduled') ORDER BY c.id LIMIT 100

-- name: sender_pace
SELECT address, kind, parts_per_second, countries FROM senders WHERE id = $1 AND account_id = $2

-- name: unknown_segments
SELECT wanted.id FROM unnest($2::uuid[]) AS wanted (id)
WHERE NOT EXISTS (SELECT FROM segments AS s WHERE s.id = wanted.id AND s.account_id = $1)

-- name: known_fields
SELECT name FROM attribute_names WHERE account_id = $1 ORDER BY name
