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

-- name: forget_test_number
DELETE FROM test_numbers WHERE account_id = $1 AND number = $2 AND added_at <= $3

-- name: clear_lent
-- Tests whose texts have the values of the person.
UPDATE test_messages AS m SET text = '' FROM test_sends AS t
WHERE t.id = m.test_id AND t.account_id = $1 AND t.contact_id = $2

-- name: clear_tests
UPDATE test_messages AS m SET number = '', text = '' FROM test_sends AS t
WHERE t.id = m.test_id AND t.account_id = $1 AND m.number = $2 AND t.created_at <= $3

-- name: clear_rejects
-- Files spell numbers in many ways: the row is the person's where it has the digits of the number (without its country, $2) in a row.
UPDATE contact_import_rejects AS r SET excerpt = '' FROM contact_imports AS i
WHERE i.id = r.import_id AND i.account_id = $1 AND i.created_at <= $3
    AND strpos(regexp_replace(r.excerpt, '[^0-9]', '', 'g'), $2) > 0

-- name: clear_findings
-- What a contact brought into a text, and a rule found there. Whose it was is not kept, so all such are taken out.
UPDATE campaigns SET moderation = jsonb_set(moderation, '{findings}', (
    SELECT jsonb_agg(CASE WHEN f->>'field' IS NULL THEN f ELSE f || '{"matched": "", "reason": "was taken out"}' END ORDER BY n)
    FROM jsonb_array_elements(moderation->'findings') WITH ORDINALITY AS x (f, n)
))
WHERE id IN (SELECT campaign_id FROM recipients WHERE contact_id = $1)
    AND jsonb_path_exists(moderation, '$.findings[*] ? (@.field != null)')

-- name: done
DELETE FROM erasures WHERE account_id = $1 AND contact_id = $2
