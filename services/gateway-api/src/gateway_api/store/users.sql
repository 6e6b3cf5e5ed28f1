-- Members of an account are its users and its guests (migrations/0120_guests.sql).

-- name: add
INSERT INTO users (id, account_id, email, name, role, password) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (email) DO NOTHING
RETURNING id, email, name, role, password IS NOT NULL AS joined, false AS guest, created_at, disabled_at

-- name: add_guest
-- Only of who has joined elsewhere: until then the password is the first account's to give.
INSERT INTO guests (account_id, user_id, name, role)
SELECT $1, id, $3, $4 FROM users WHERE email = $2 AND account_id <> $1 AND password IS NOT NULL
ON CONFLICT DO NOTHING
RETURNING user_id

-- name: page
SELECT id, email, name, role, joined, guest, created_at, disabled_at FROM members
WHERE account_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3

-- name: find
SELECT id, email, name, role, joined, guest, created_at, disabled_at FROM members WHERE account_id = $1 AND id = $2

-- name: by_email
SELECT id, email, name, role, joined, guest, created_at, disabled_at FROM members WHERE account_id = $1 AND email = $2

-- name: accounts_of
SELECT m.account_id AS id, a.name, m.role FROM members m JOIN accounts a ON a.id = m.account_id
WHERE m.id = $1 AND m.joined AND m.disabled_at IS NULL ORDER BY m.guest, m.created_at

-- name: is_active
SELECT true FROM members WHERE account_id = $1 AND email = $2 AND disabled_at IS NULL

-- name: agents
SELECT id, email, name FROM members
WHERE account_id = $1 AND disabled_at IS NULL AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3

-- name: edit
UPDATE users SET
    name = coalesce($3, name), role = coalesce($4, role),
    disabled_at = CASE WHEN $5 THEN NULL WHEN NOT $5 THEN coalesce(disabled_at, now()) ELSE disabled_at END
WHERE account_id = $1 AND id = $2

-- name: edit_guest
UPDATE guests SET
    name = coalesce($3, name), role = coalesce($4, role),
    disabled_at = CASE WHEN $5 THEN NULL WHEN NOT $5 THEN coalesce(disabled_at, now()) ELSE disabled_at END
WHERE account_id = $1 AND user_id = $2

-- name: invite
UPDATE users SET invitation = $3, invited_until = now() + interval '7 days'
WHERE account_id = $1 AND id = $2 AND disabled_at IS NULL
RETURNING invited_until

-- name: invite_guest
UPDATE guests SET invitation = $3, invited_until = now() + interval '7 days'
WHERE account_id = $1 AND user_id = $2 AND disabled_at IS NULL AND joined_at IS NULL
RETURNING invited_until

-- name: invited
SELECT id, account_id, 'user:' || email AS actor, role FROM users
WHERE invitation = $1 AND invited_until > now() AND disabled_at IS NULL

-- name: invited_guest
SELECT u.id, g.account_id, 'user:' || u.email AS actor, g.role, u.password FROM guests g JOIN users u ON u.id = g.user_id
WHERE g.invitation = $1 AND g.invited_until > now() AND g.disabled_at IS NULL

-- name: accept
UPDATE users SET password = $2, invitation = NULL, invited_until = NULL
WHERE invitation = $1 AND invited_until > now() AND disabled_at IS NULL
RETURNING id

-- name: accept_guest
UPDATE guests SET joined_at = now(), invitation = NULL, invited_until = NULL
WHERE invitation = $1 AND invited_until > now() AND disabled_at IS NULL
RETURNING user_id

-- name: part
-- Whoever chose this password by the first account's invitation has shown nothing to the others.
UPDATE guests SET joined_at = NULL, invitation = NULL, invited_until = NULL WHERE user_id = $1

-- name: password
-- In the account that is named, else in the first one of those that they may enter.
SELECT m.id, m.account_id, 'user:' || m.email AS actor, m.role, u.password
FROM members m JOIN users u ON u.email = m.email
WHERE m.email = $1 AND u.password IS NOT NULL AND m.joined AND m.disabled_at IS NULL
  AND ($2::uuid IS NULL OR m.account_id = $2)
ORDER BY m.guest, m.created_at LIMIT 1

-- name: change_password
-- An invitation that is still open would undo it.
UPDATE users SET password = $3, invitation = NULL, invited_until = NULL WHERE id = $1 AND password = $2 RETURNING id

-- name: hold
-- Until the transaction ends the password stays; who changes it ends all sessions afterwards.
SELECT id FROM users WHERE id = $1 AND password = $2 FOR SHARE

-- name: hold_session
SELECT u.id FROM users u WHERE u.id = (SELECT coalesce(user_id, guest_id) FROM sessions WHERE digest = $1) FOR SHARE

-- name: start_session
INSERT INTO sessions (digest, user_id, guest_id, account_id, expires_at)
SELECT $1, CASE WHEN NOT guest THEN id END, CASE WHEN guest THEN id END, CASE WHEN guest THEN account_id END,
       coalesce($5, now() + make_interval(hours => $4))
FROM members WHERE id = $2 AND account_id = $3 AND joined AND disabled_at IS NULL
RETURNING expires_at

-- name: sign_in
SELECT u.id, coalesce(g.account_id, u.account_id) AS account_id, 'user:' || u.email AS actor,
       coalesce(g.role, u.role) AS role, a.name AS account_name
FROM sessions s JOIN users u ON u.id = coalesce(s.user_id, s.guest_id)
LEFT JOIN guests g ON g.user_id = s.guest_id AND g.account_id = s.account_id
JOIN accounts a ON a.id = coalesce(g.account_id, u.account_id)
WHERE s.digest = $1 AND s.expires_at > now()
  AND CASE WHEN s.guest_id IS NULL THEN u.disabled_at IS NULL ELSE g.joined_at IS NOT NULL AND g.disabled_at IS NULL END

-- name: end_session
DELETE FROM sessions WHERE digest = $1 RETURNING coalesce(user_id, guest_id) AS id, expires_at

-- name: end_sessions
DELETE FROM sessions WHERE user_id = $1 OR guest_id = $1

-- name: end_sessions_in
DELETE FROM sessions
WHERE guest_id = $2 AND account_id = $1
   OR user_id = (SELECT id FROM users WHERE id = $2 AND account_id = $1)
