-- A user has no password before the invitation is accepted. Attempts to sign in are limited in Redis, by address: what is
-- kept in a row would tell which addresses are known. Edits need no ETag: each names what it changes.

ALTER TABLE users
    DROP COLUMN failures,
    DROP COLUMN locked_until,
    DROP COLUMN revision,
    ALTER COLUMN password DROP NOT NULL,
    ADD COLUMN invitation bytea UNIQUE,     -- the digest of a token that sets a password, once
    ADD COLUMN invited_until timestamptz;
