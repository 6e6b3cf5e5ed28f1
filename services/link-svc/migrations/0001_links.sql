-- Domains, pools, the ranges of their links, and what waits for capacity.

CREATE TABLE domains (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    host text NOT NULL UNIQUE CHECK (host = lower(host)),
    state text NOT NULL CHECK (state IN ('pending', 'active', 'blocked', 'archived')),
    message_limit bigint CHECK (message_limit > 0),
    used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    next_index bigint NOT NULL DEFAULT 0 CHECK (next_index BETWEEN 0 AND 218340105584896), -- 62^8 slugs
    key_id smallint NOT NULL DEFAULT 1,
    status text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN state = 'active' AND used >= message_limit THEN 'limit_reached' ELSE state END
    ) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT never_above_its_limit CHECK (used <= message_limit)
);
CREATE INDEX domains_of_account ON domains (account_id, id);

CREATE TABLE pools (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    name text NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('short', 'optout')),
    exhausted boolean NOT NULL DEFAULT false, -- while it is, every batch that needs the pool waits its turn
    last_position int NOT NULL DEFAULT -1,    -- of the domain that served last: the next one's turn comes
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX pools_of_account ON pools (account_id, id);
CREATE INDEX pools_exhausted ON pools (id) WHERE exhausted;

CREATE TABLE pool_domains (
    pool_id uuid NOT NULL REFERENCES pools,
    domain_id uuid NOT NULL REFERENCES domains,
    position int NOT NULL,
    PRIMARY KEY (pool_id, domain_id)
);
CREATE INDEX pools_of_domain ON pool_domains (domain_id);

-- One row a piece of a batch and kind of URL; index start + i of the domain belongs to recipient first_seq + i.
CREATE TABLE ranges (
    domain_id uuid NOT NULL REFERENCES domains,
    start bigint NOT NULL,
    count int NOT NULL CHECK (count > 0),
    account_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    first_seq int NOT NULL,
    kind text NOT NULL CHECK (kind IN ('short', 'optout')),
    target_url text,
    variants smallint[] NOT NULL, -- one a recipient; a single one where all are the same
    created_at timestamptz NOT NULL,
    expires_at timestamptz, -- null: never (opt-out URLs)
    PRIMARY KEY (domain_id, start)
);
CREATE UNIQUE INDEX ranges_of_campaign ON ranges (campaign_id, first_seq, kind);

-- Batches that were decided upon: a redelivery finds what was decided.
CREATE TABLE taken (
    campaign_id uuid NOT NULL,
    first_seq int NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, first_seq)
);

-- What no domain had capacity for, in the order in which it came. `batch` is the rest of the event, as JSON.
CREATE TABLE waiting (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    count int NOT NULL,
    short_pool_id uuid REFERENCES pools,
    optout_pool_id uuid REFERENCES pools,
    batch bytea NOT NULL
);
CREATE INDEX waiting_for_short ON waiting (short_pool_id, id);
CREATE INDEX waiting_for_optout ON waiting (optout_pool_id, id);
CREATE INDEX waiting_of_campaign ON waiting (campaign_id);

-- Campaigns that were aborted or deleted: nothing of theirs is allotted any more.
CREATE TABLE ended_campaigns (
    campaign_id uuid PRIMARY KEY,
    ended_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text NOT NULL, key bytea NOT NULL, value bytea NOT NULL,
    headers jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE inbox (consumer text NOT NULL, event_id text NOT NULL, received_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (consumer, event_id));
