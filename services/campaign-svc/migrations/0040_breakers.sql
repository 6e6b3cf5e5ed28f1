-- What stops campaigns by itself: thresholds of a campaign (NULL: the account's) and of an account.
ALTER TABLE campaigns ADD COLUMN breakers jsonb;
CREATE TABLE account_breakers (
    account_id uuid PRIMARY KEY,
    breakers jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- "window": what the rates are of (domain/breakers.py); optouts: of it.
ALTER TABLE campaign_progress ADD COLUMN "window" jsonb, ADD COLUMN optouts integer NOT NULL DEFAULT 0;

-- Where an account can be sent to at present, as dispatch-svc last told; NULL: everywhere.
CREATE TABLE route_health (
    account_id uuid PRIMARY KEY,
    reachable text[],
    at timestamptz NOT NULL
);
