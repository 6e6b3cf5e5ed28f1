-- Figures are sums that only grow by what one event says (a revision may take back), so each is right whatever the
-- order of the events, as long as every event counts once: the inbox row stands in the same transaction.

CREATE TABLE inbox (consumer text NOT NULL, event_id text NOT NULL, received_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (consumer, event_id));
CREATE INDEX inbox_received_at ON inbox USING brin (received_at);

-- A campaign is known as soon as any event names it; its name and status come from campaign.lifecycle.
CREATE TABLE campaigns (
    campaign_id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    name text,
    status text,
    version integer NOT NULL DEFAULT 0,
    recipients integer,
    first_seen timestamptz NOT NULL DEFAULT now()
);

-- Clicks and opt-outs name no country: they stand in rows of country ''. That also keeps them off the rows that
-- outcomes and receipts lock. Updated all the time, so each page keeps room for the new version of a row.
CREATE TABLE figures (
    campaign_id uuid NOT NULL,
    variant integer NOT NULL,
    country text NOT NULL,
    currency text NOT NULL,
    account_id uuid NOT NULL,
    submitted bigint NOT NULL DEFAULT 0,
    submitted_with_receipts bigint NOT NULL DEFAULT 0,
    delivered bigint NOT NULL DEFAULT 0,
    undelivered bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    unknown bigint NOT NULL DEFAULT 0,
    suppressed bigint NOT NULL DEFAULT 0,
    cancelled bigint NOT NULL DEFAULT 0,
    parts bigint NOT NULL DEFAULT 0,
    cost numeric NOT NULL DEFAULT 0,
    clicks_raw bigint NOT NULL DEFAULT 0,
    clicks_human bigint NOT NULL DEFAULT 0,
    clickers bigint NOT NULL DEFAULT 0,
    optouts bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, variant, country, currency)
) WITH (fillfactor = 50);

CREATE TABLE errors (
    campaign_id uuid NOT NULL,
    stage text NOT NULL CHECK (stage IN ('handover', 'delivery')),
    error text NOT NULL,
    account_id uuid NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (campaign_id, stage, error)
) WITH (fillfactor = 50);

CREATE TABLE minutes (
    campaign_id uuid NOT NULL,
    minute timestamptz NOT NULL,
    account_id uuid NOT NULL,
    submitted bigint NOT NULL DEFAULT 0,
    delivered bigint NOT NULL DEFAULT 0,
    clicks_raw bigint NOT NULL DEFAULT 0,
    clicks_human bigint NOT NULL DEFAULT 0,
    optouts bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, minute)
) WITH (fillfactor = 50);

CREATE TABLE domains (
    campaign_id uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('short', 'optout')),
    domain_id uuid NOT NULL,
    account_id uuid NOT NULL,
    submitted bigint NOT NULL DEFAULT 0,
    clicks_raw bigint NOT NULL DEFAULT 0,
    clicks_human bigint NOT NULL DEFAULT 0,
    optouts bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, purpose, domain_id)
) WITH (fillfactor = 50);

-- Every answered request, so that clicks can be counted again when the rules change.
CREATE TABLE clicks (
    campaign_id uuid NOT NULL,
    account_id uuid NOT NULL,
    seq integer NOT NULL,
    variant integer NOT NULL,
    domain_id uuid NOT NULL,
    at timestamptz NOT NULL,
    reason text,
    user_agent text NOT NULL
);
CREATE INDEX clicks_of_campaign ON clicks (campaign_id, at);

-- Recipients who clicked as people, and recipients who opted out on the page: each counts once.
CREATE TABLE clickers (campaign_id uuid NOT NULL, seq integer NOT NULL, PRIMARY KEY (campaign_id, seq));
CREATE TABLE optouts (campaign_id uuid NOT NULL, seq integer NOT NULL, PRIMARY KEY (campaign_id, seq));

-- Campaigns whose figures changed since live figures were last published: appended by every event (so that events of
-- one campaign never wait for each other here) and emptied by the publisher.
CREATE TABLE changes (campaign_id uuid NOT NULL);
