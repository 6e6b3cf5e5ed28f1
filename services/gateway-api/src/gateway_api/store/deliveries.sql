-- name: add_for_all
-- For every webhook of its account that asked for such events, once: an event may come again.
-- The log is in the order of their times.
INSERT INTO webhook_deliveries (id, webhook_id, event_id, event_type, body, number, created_at)
SELECT gen_random_uuid(), w.id, new.event_id, new.event_type, new.body, new.number, now() + new.place * interval '1 us'
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
    WITH ORDINALITY AS new (account_id, event_id, event_type, body, number, place)
JOIN webhooks AS w ON w.account_id = new.account_id AND w.active AND new.event_type = ANY (w.events)
ON CONFLICT (webhook_id, event_id) DO NOTHING

-- name: add
INSERT INTO webhook_deliveries (id, webhook_id, event_id, event_type, body) VALUES ($1, $2, $3, $4, $5)

-- name: claim
-- What has been due for longest, a few of each webhook and $4 of each account at most, so that servers that answer slowly
-- do not take every place; $2 are webhooks that this process is posting to already, $3 accounts that have their
-- share. Whoever claims a row has it for a minute, longer than a post can take.
UPDATE webhook_deliveries d SET next_at = now() + interval '1 minute'
FROM webhooks w
WHERE w.id = d.webhook_id AND d.id IN (
    SELECT id FROM (
        SELECT due.id, due.next_at, row_number() OVER (PARTITION BY w.account_id ORDER BY due.next_at, due.id) AS place
        FROM webhooks w
        CROSS JOIN LATERAL (
            SELECT id, next_at FROM webhook_deliveries
            WHERE webhook_id = w.id AND status = 'pending' AND next_at <= now()
            ORDER BY next_at LIMIT 4 FOR UPDATE SKIP LOCKED
        ) due
        WHERE w.active AND w.id <> ALL ($2::uuid[]) AND w.account_id <> ALL ($3::uuid[])
    ) shared
    WHERE place <= $4
    ORDER BY next_at LIMIT $1
)
RETURNING d.id, d.webhook_id, w.account_id, d.event_id, d.body, d.tried, w.url, w.secret,
          CASE WHEN w.previous_until > now() THEN w.previous_secret END AS previous_secret

-- name: settle
-- A post that was repeated by hand meanwhile has reset the row: what is late only adds to the log. What was taken out
-- meanwhile is not tried again.
UPDATE webhook_deliveries
SET status = CASE body WHEN '' THEN 'failed' ELSE $2 END, tried = tried + 1, next_at = coalesce($3, next_at), attempts = attempts || $4::jsonb
WHERE id = $1

-- name: page
SELECT d.id, d.event_id, d.event_type, d.status, d.attempts, d.created_at,
       CASE WHEN d.status = 'pending' THEN d.next_at END AS next_at
FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
WHERE w.account_id = $1 AND w.id = $2 AND ($3::text IS NULL OR d.status = $3)
  AND ($4::uuid IS NULL
       OR (d.created_at, d.id) < (SELECT o.created_at, o.id FROM webhook_deliveries o WHERE o.id = $4))
ORDER BY d.created_at DESC, d.id DESC LIMIT $5

-- name: repeat
UPDATE webhook_deliveries d SET status = 'pending', tried = 0, next_at = now()
FROM webhooks w WHERE w.id = d.webhook_id AND w.account_id = $1 AND w.id = $2 AND d.id = $3 AND d.body <> ''
RETURNING true

-- name: forget_number
-- The row stays: it says that the event was queued, should it come again. What is pending is not posted any more.
UPDATE webhook_deliveries d SET body = '', number = NULL, status = CASE d.status WHEN 'pending' THEN 'failed' ELSE d.status END
FROM webhooks w WHERE w.id = d.webhook_id AND w.account_id = $1 AND d.number = $2 AND d.created_at <= $3
