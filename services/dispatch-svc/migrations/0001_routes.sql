-- What every service with events has, and the routes and rate cards of the accounts.

CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text NOT NULL, key bytea NOT NULL, value bytea NOT NULL,
    headers jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE inbox (consumer text NOT NULL, event_id text NOT NULL, received_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (consumer, event_id));

-- config holds the secrets as they must be sent; the API never answers them.
CREATE TABLE routes (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    name text NOT NULL,
    protocol text NOT NULL CHECK (protocol IN ('smpp', 'http')),
    config jsonb NOT NULL,
    priority integer NOT NULL,
    countries text[],  -- NULL: all
    status text NOT NULL CHECK (status IN ('active', 'paused', 'disabled')),
    version integer NOT NULL DEFAULT 1,  -- counts the changes, so that a client is opened anew only for a new one
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX routes_name ON routes (account_id, name);
-- Receipts and replies come on any session of a login, whoever submitted: one login serves one route.
CREATE UNIQUE INDEX routes_login ON routes (lower(config ->> 'host'), (config ->> 'port'), (config ->> 'system_id'))
    WHERE protocol = 'smpp' AND status <> 'disabled';

-- How each process that keeps a route open fares with it. A row that was not renewed for a minute means nothing.
CREATE TABLE route_connections (
    route_id uuid NOT NULL REFERENCES routes ON DELETE CASCADE,
    instance text NOT NULL,
    healthy boolean NOT NULL,
    sessions integer NOT NULL,
    connected_since timestamptz,
    last_error text,
    last_error_at timestamptz,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (route_id, instance)
);

CREATE TABLE rate_cards (
    account_id uuid PRIMARY KEY,
    currency text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE rate_card_prices (
    account_id uuid NOT NULL REFERENCES rate_cards ON DELETE CASCADE,
    country text NOT NULL,
    price numeric NOT NULL CHECK (price >= 0),  -- of one part, in the card's currency
    PRIMARY KEY (account_id, country)
);
