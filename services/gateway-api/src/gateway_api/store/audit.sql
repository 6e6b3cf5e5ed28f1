-- name: begin
-- The head's row makes writers of an account wait for each other: facts have one order.
WITH entry AS (
    INSERT INTO audit (id, account_id, actor, role, method, path, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
), head AS (
    INSERT INTO audit_heads AS h (account_id, seq, hash) VALUES ($2, 1, sha256(convert_to($8, 'UTF8')))
    ON CONFLICT (account_id) DO UPDATE SET seq = h.seq + 1, hash = sha256(h.hash || convert_to($8, 'UTF8'))
    RETURNING seq, hash
)
INSERT INTO audit_chain (account_id, seq, fact, hash) SELECT $2, seq, $8, hash FROM head

-- name: end
WITH entry AS (
    UPDATE audit SET status = $2 WHERE id = $1 RETURNING account_id
), head AS (
    INSERT INTO audit_heads AS h (account_id, seq, hash) SELECT account_id, 1, sha256(convert_to($3, 'UTF8')) FROM entry
    ON CONFLICT (account_id) DO UPDATE SET seq = h.seq + 1, hash = sha256(h.hash || convert_to($3, 'UTF8'))
    RETURNING account_id, seq, hash
)
INSERT INTO audit_chain (account_id, seq, fact, hash) SELECT account_id, seq, $3, hash FROM head

-- name: page
SELECT id, actor, role, method, path, status, at FROM audit
WHERE account_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3

-- name: head
SELECT seq, hash FROM audit_heads WHERE account_id = $1

-- name: chain
SELECT seq, fact, hash FROM audit_chain WHERE account_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT 1000

-- name: entries
SELECT id, actor, role, method, path, status, at FROM audit WHERE account_id = $1 AND id = ANY($2::uuid[])

-- name: count
-- What is dated days ahead was slipped in as well: nobody has asked in the future.
SELECT count(*) FROM audit WHERE account_id = $1 AND id >= $2 AND (at < $3 OR at > $3 + interval '1 day')

-- name: accounts
SELECT account_id FROM audit_heads ORDER BY account_id
