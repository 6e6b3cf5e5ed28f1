-- name: open
-- Two messages of one person at once make one conversation. What is closed is open again.
INSERT INTO conversations AS c
    (id, account_id, number, address, contact_id, campaign_id, unread, last_text, last_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $8)
ON CONFLICT (account_id, number, address) DO UPDATE SET
    contact_id = coalesce(excluded.contact_id, c.contact_id),
    campaign_id = coalesce(excluded.campaign_id, c.campaign_id),
    status = 'open',
    unread = c.unread + 1,
    last_text = excluded.last_text,
    last_at = greatest(c.last_at, excluded.last_at)
RETURNING id

-- name: go_on
-- A keyword ($6) leaves what is closed closed.
UPDATE conversations
SET unread = unread + 1, last_text = $4, last_at = greatest(last_at, $5),
    status = CASE WHEN $6 THEN status ELSE 'open' END
WHERE account_id = $1 AND number = $2 AND address = $3
RETURNING id

-- name: attach
UPDATE inbound_messages SET conversation_id = $2 WHERE id = $1

-- name: page
SELECT id, number, address, contact_id, campaign_id, status, assigned_to, unread, last_text, last_at, created_at
FROM conversations AS c
WHERE account_id = $1
    AND ($2::text IS NULL OR status = $2)
    AND ($3::text IS NULL OR assigned_to = $3)
    AND ($4::boolean IS NULL OR (unread > 0) = $4)
    AND ($5::uuid IS NULL OR campaign_id = $5)
    AND ($6::text IS NULL OR number = $6)
    AND ($7::boolean IS NULL OR (assigned_to IS NOT NULL) = $7)
    AND ($8::text IS NULL OR strpos(number, $9) > 0
        OR EXISTS (SELECT FROM inbound_messages AS m WHERE m.conversation_id = c.id AND strpos(lower(m.text), $8) > 0)
        OR EXISTS (SELECT FROM answers AS m WHERE m.conversation_id = c.id AND strpos(lower(m.text), $8) > 0)
        OR EXISTS (SELECT FROM contacts AS p, jsonb_each_text(p.attributes) AS a
            WHERE p.id = c.contact_id AND strpos(lower(a.value), $8) > 0))
    AND ($10::uuid IS NULL OR (last_at, id) < (SELECT last_at, id FROM conversations WHERE id = $10 AND account_id = $1))
ORDER BY last_at DESC, id DESC LIMIT $11

-- name: counts
-- Of what is open: all, mine ($2), and nobody's.
SELECT count(*) AS open, count(*) FILTER (WHERE unread > 0) AS unread, coalesce(sum(unread), 0) AS unread_messages,
    count(*) FILTER (WHERE assigned_to = $2) AS mine, count(*) FILTER (WHERE assigned_to = $2 AND unread > 0) AS mine_unread,
    count(*) FILTER (WHERE assigned_to IS NULL) AS unassigned,
    count(*) FILTER (WHERE assigned_to IS NULL AND unread > 0) AS unassigned_unread
FROM conversations WHERE account_id = $1 AND status = 'open'

-- name: find
SELECT id, number, address, contact_id, campaign_id, status, assigned_to, unread, last_text, last_at, created_at
FROM conversations WHERE account_id = $1 AND id = $2

-- name: lock
SELECT id, number, address, contact_id, campaign_id, status, assigned_to, unread, last_text, last_at, created_at
FROM conversations WHERE account_id = $1 AND id = $2 FOR UPDATE

-- name: change
-- $3: whether it is assigned anew, to $4 (null: to nobody).
UPDATE conversations
SET assigned_to = CASE WHEN $3 THEN $4 ELSE assigned_to END,
    status = coalesce($5, status),
    unread = CASE WHEN $6 THEN 0 ELSE unread END
WHERE account_id = $1 AND id = $2
RETURNING id, number, address, contact_id, campaign_id, status, assigned_to, unread, last_text, last_at, created_at

-- name: messages
-- Both directions in one series, the newest first.
SELECT * FROM (
    SELECT id, 'in' AS direction, text, NULL AS author, keyword, at, NULL AS outcome, NULL AS error,
           NULL::integer AS parts, NULL::numeric AS cost, NULL AS currency
    FROM inbound_messages WHERE conversation_id = $1
    UNION ALL
    SELECT id, 'out', text, author, NULL, at, outcome, error, parts, cost, currency
    FROM answers WHERE conversation_id = $1
) AS m
WHERE $2::timestamptz IS NULL OR (at, id) < ($2, $3)
ORDER BY at DESC, id DESC LIMIT $4

-- name: sender
-- The sender ID that the person wrote to, as long as the account has it; else that of the campaign that they answered.
SELECT s.id, s.address, s.kind, s.parts_per_second, s.version FROM senders s
WHERE s.account_id = $1
    AND (s.address = $2 OR s.id = (SELECT sender_id FROM campaigns WHERE account_id = $1 AND id = $3))
ORDER BY s.address = $2 DESC LIMIT 1

-- name: add_answer
INSERT INTO answers (id, account_id, conversation_id, number, text, author, at) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: note_answer
UPDATE conversations SET last_text = $3, last_at = greatest(last_at, $4), unread = CASE WHEN $5 THEN 0 ELSE unread END
WHERE account_id = $1 AND id = $2

-- name: record
-- An outcome that is known stays: only an unknown one is revised.
UPDATE answers SET outcome = $2, parts = $3, cost = $4, error = $5, currency = $6
WHERE id = $1 AND coalesce(outcome, 'unknown') = 'unknown'
