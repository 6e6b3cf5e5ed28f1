-- name: begin
INSERT INTO audit (id, account_id, actor, role, method, path) VALUES ($1, $2, $3, $4, $5, $6)

-- name: end
UPDATE audit SET status = $2 WHERE id = $1

-- name: page
SELECT id, actor, role, method, path, status, at FROM audit
WHERE account_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
