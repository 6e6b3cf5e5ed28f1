-- name: numbers
SELECT number, country, added_at, added_by FROM test_numbers WHERE account_id = $1 ORDER BY number

-- name: forget_numbers
DELETE FROM test_numbers WHERE account_id = $1 AND number <> ALL($2::text[])

-- name: add_numbers
INSERT INTO test_numbers (account_id, number, country, added_at, added_by)
SELECT $1, n.number, n.country, $4, $5 FROM unnest($2::text[], $3::text[]) AS n (number, country)
ON CONFLICT DO NOTHING

-- name: lock_account
-- Tests of one account are counted one after another, so that the limit is exact.
SELECT pg_advisory_xact_lock(hashtextextended('test_sends' || $1::uuid::text, 0))

-- name: recent
-- Messages since $2, and when the first of them was sent.
SELECT count(*) AS messages, min(t.created_at) AS first_at FROM test_sends AS t
JOIN test_messages AS m ON m.test_id = t.id
WHERE t.account_id = $1 AND t.created_at > $2

-- name: add
INSERT INTO test_sends (id, account_id, campaign_id, variant, created_at, created_by, contact_id, version, status)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 'started')

-- name: add_messages
INSERT INTO test_messages (test_id, seq, number, country, text)
SELECT $1, m.seq - 1, m.number, m.country, $4
FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS m (number, country, seq)

-- name: record
-- An outcome that is known stays: only an unknown one is revised.
UPDATE test_messages AS m SET outcome = o.outcome, parts = o.parts, cost = o.cost, error = o.error, currency = $7
FROM unnest($2::int[], $3::text[], $4::int[], $5::numeric[], $6::text[]) AS o (seq, outcome, parts, cost, error)
WHERE m.test_id = $1 AND m.seq = o.seq AND coalesce(m.outcome, 'unknown') = 'unknown'

-- name: page
SELECT id, campaign_id, variant, created_at, created_by FROM test_sends
WHERE account_id = $1 AND campaign_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4

-- name: messages
SELECT test_id, number, country, text, outcome, error, parts, cost, currency FROM test_messages
WHERE test_id = ANY($1::uuid[]) ORDER BY test_id, seq

-- name: cost
SELECT coalesce(sum(m.cost), 0) AS amount, max(m.currency) AS currency, coalesce(sum(m.parts), 0) AS parts
FROM test_sends AS t JOIN test_messages AS m ON m.test_id = t.id
WHERE t.account_id = $1 AND t.campaign_id = $2

-- name: number_of
SELECT m.number FROM test_sends AS t JOIN test_messages AS m ON m.test_id = t.id
WHERE t.account_id = $1 AND t.id = $2 AND m.seq = $3
