-- name: add
INSERT INTO erasures (account_id, contact_id, number, at) VALUES ($1, $2, $3, $4)

-- name: next
-- Whom no campaign needs any more. One that is in processing may be taking its audience just now.
SELECT e.account_id, e.contact_id, e.number, e.at FROM erasures AS e
WHERE NOT EXISTS (SELECT FROM campaigns AS k WHERE k.account_id = e.account_id AND k.status = 'processing')
    AND NOT EXISTS (
        SELECT FROM recipients AS r JOIN campaigns AS k ON k.id = r.campaign_id
        WHERE r.contact_id = e.contact_id AND k.status = ANY($1::text[])
    )
LIMIT 1 FOR UPDATE OF e SKIP LOCKED

-- name: clear_recipients
-- The row stays, so that the campaign's counts do.
UPDATE recipients SET number = '', fields = '{}' WHERE contact_id = $1

-- name: clear_inbound
UPDATE inbound_messages SET from_number = '', text = '' WHERE account_id = $1 AND from_number = $2 AND at <= $3

-- name: clear_answers
UPDATE answers SET number = '', text = '' WHERE account_id = $1 AND number = $2 AND at <= $3

-- name: clear_conversations
DELETE FROM conversations WHERE account_id = $1 AND number = $2 AND last_at <= $3

-- name: done
DELETE FROM erasures WHERE account_id = $1 AND contact_id = $2
