-- What an account is called, as the gateway last said: answers to keywords name it.
CREATE TABLE account_names (
    account_id uuid PRIMARY KEY,
    name text NOT NULL
);

-- Null: the account wants this keyword answered with nothing. Where there is no row, a text of Volley's own is sent.
ALTER TABLE keyword_replies ALTER COLUMN text DROP NOT NULL;
