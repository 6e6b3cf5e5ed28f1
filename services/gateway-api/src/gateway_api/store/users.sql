-- name: add
INSERT INTO users (id, account_id, email, name, role, password) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (email) DO NOTHING
RETURNING id, email, name, role, password IS NOT NULL AS joined, created_at, disabled_at

-- name: page
SELECT id, email, name, role, password IS NOT NULL AS joined, created_at, disabled_at FROM users
WHERE account_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3

-- name: find
SELECT id, email, name, role, password IS NOT NULL AS joined, created_at, disabled_at FROM users
WHERE account_id = $1 AND id = $2

-- name: lock
SELECT id, email, name, role, password IS NOT NULL AS joined, created_at, disabled_at FROM users
WHERE account_id = $1 AND id = $2 FOR NO KEY UPDATE

-- name: by_email
SELECT id, email, name, role, password IS NOT NULL AS joined, created_at, disabled_at FROM users
WHERE account_id = $1 AND email = $2

-- name: is_active
SELECT true FROM users WHERE account_id = $1 AND email = $2 AND disabled_at IS NULL

-- name: agents
SELECT id, email, name FROM users
WHERE account_id = $1 AND disabled_at IS NULL AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3

-- name: edit
UPDATE users SET
    name = coalesce($3, name), role = coalesce($4, role),
    disabled_at = CASE WHEN $5 THEN NULL WHEN NOT $5 THEN coalesce(disabled_at, now()) ELSE disabled_at END
WHERE account_id = $1 AND id = $2
RETURNING id, email, name, role, password IS NOT NULL AS joined, created_at, disabled_at

-- name: invite
UPDATE users SET invitation = $3, invited_until = now() + interval '7 days'
WHERE account_id = $1 AND id = $2 AND disabled_at IS NULL
RETURNING invited_until

-- name: invited
SELECT id, account_id, 'user:' || email AS actor, role FROM users
WHERE invitation = $1 AND invited_until > now() AND disabled_at IS NULL

-- name: accept
UPDATE users SET password = $2, invitation = NULL, invited_until = NULL
WHERE invitation = $1 AND invited_until > now() AND disabled_at IS NULL
RETURNING id

-- name: password
SELECT id, account_id, 'user:' || email AS actor, role, password FROM users
WHERE email = $1 AND disabled_at IS NULL AND password IS NOT NULL

-- name: change_password
-- An invitation that is still open would undo it.
UPDATE users SET password = $3, invitation = NULL, invited_until = NULL
WHERE id = $1 AND password = $2 AND disabled_at IS NULL
RETURNING id

-- name: start_session
-- Waits for who changes the password or deactivates the user at this moment, and then looks again.
INSERT INTO sessions (digest, user_id, expires_at)
SELECT $1, id, now() + make_interval(hours => $4) FROM users
WHERE id = $2 AND password = $3 AND disabled_at IS NULL FOR SHARE
RETURNING expires_at

-- name: sign_in
SELECT u.id, u.account_id, 'user:' || u.email AS actor, u.role, a.name AS account_name
FROM sessions s JOIN users u ON u.id = s.user_id JOIN accounts a ON a.id = u.account_id
WHERE s.digest = $1 AND s.expires_at > now() AND u.disabled_at IS NULL

-- name: end_session
DELETE FROM sessions WHERE digest = $1

-- name: end_sessions
DELETE FROM sessions WHERE user_id = $1
