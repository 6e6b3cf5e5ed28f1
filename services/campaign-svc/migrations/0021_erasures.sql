-- People to be forgotten once the campaigns that have them as recipients have ended.
CREATE TABLE erasures (
    account_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    number text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (account_id, contact_id)
);
