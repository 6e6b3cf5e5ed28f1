-- People who sign in with a password, keys for some things only, and an audit log that shows tampering.

CREATE TABLE users (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('viewer', 'operator', 'reviewer', 'admin')),
    password text NOT NULL,             -- argon2id, with its parameters and salt
    revision int NOT NULL DEFAULT 1,    -- the ETag
    failures int NOT NULL DEFAULT 0,    -- wrong passwords in a row
    locked_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz
);
CREATE INDEX users_of_account ON users (account_id, id);

-- Only digests of tokens are kept, as of API keys.
CREATE TABLE sessions (
    digest bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- Null: everything that the role allows, at the platform's rate.
ALTER TABLE api_keys ADD COLUMN scopes text[], ADD COLUMN rate_per_second double precision;

-- What the audit log was told, in order; each hash covers the fact and the hash before it. One head an account.
CREATE TABLE audit_chain (
    account_id uuid NOT NULL,
    seq bigint NOT NULL,
    fact text NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (account_id, seq)
);
CREATE TABLE audit_heads (
    account_id uuid PRIMARY KEY,
    seq bigint NOT NULL,
    hash bytea NOT NULL
);
