-- An account is a tenant. The platform's own account (one at most) makes the others.
CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
    platform boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX one_platform ON accounts (platform) WHERE platform;

-- Only a digest is kept: see domain/api_keys.py for which, and why. The prefix is shown, so that people recognise a key.
CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    prefix text NOT NULL UNIQUE,
    digest bytea NOT NULL UNIQUE,
    role text NOT NULL CHECK (role IN ('viewer', 'operator', 'reviewer', 'admin')),
    bootstrap boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_keys_of_account ON api_keys (account_id, id);

-- Every write request of a signed-in caller; the status is filled in with the answer (null: a crash came before it).
CREATE TABLE audit (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    actor text NOT NULL,
    role text NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    status smallint,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_of_account ON audit (account_id, id DESC);

-- Answers to requests with an Idempotency-Key, kept for 24 h. A row without a status is in progress.
CREATE TABLE idempotency (
    account_id uuid NOT NULL,
    key text NOT NULL,
    fingerprint bytea,
    status smallint,
    headers jsonb,
    body bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_created_at ON idempotency (created_at);
