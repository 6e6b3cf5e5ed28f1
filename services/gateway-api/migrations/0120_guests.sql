-- A person belongs to the account that added them first, which keeps their password, and may be a guest of others. The
-- release before knows no guests: their sessions have no user_id, so there they are of nobody, and end before a wrong
-- account is touched.

CREATE TABLE guests (
    account_id uuid NOT NULL REFERENCES accounts,
    user_id uuid NOT NULL REFERENCES users,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('viewer', 'operator', 'reviewer', 'admin')),
    created_at timestamptz NOT NULL DEFAULT now(),
    joined_at timestamptz,          -- when they accepted, by the password that they sign in with
    disabled_at timestamptz,
    invitation bytea UNIQUE,        -- the digest of a token
    invited_until timestamptz,
    PRIMARY KEY (account_id, user_id)
);
CREATE INDEX guests_of_user ON guests (user_id);

ALTER TABLE sessions
    ALTER COLUMN user_id DROP NOT NULL,
    ADD COLUMN guest_id uuid,
    ADD COLUMN account_id uuid,
    ADD FOREIGN KEY (account_id, guest_id) REFERENCES guests (account_id, user_id),
    ADD CHECK ((user_id IS NULL) = (guest_id IS NOT NULL) AND (guest_id IS NULL) = (account_id IS NULL));
CREATE INDEX sessions_of_guest ON sessions (guest_id) WHERE guest_id IS NOT NULL;

-- Who belongs to an account, at home there or as a guest.
CREATE VIEW members AS
SELECT id, account_id, email, name, role, password IS NOT NULL AS joined, false AS guest, created_at, disabled_at
FROM users
UNION ALL
SELECT g.user_id, g.account_id, u.email, g.name, g.role, g.joined_at IS NOT NULL, true, g.created_at, g.disabled_at
FROM guests g JOIN users u ON u.id = g.user_id;
