-- Texts that are edited while a campaign is sending, who wrote them, rules of an account's own, and texts tried out on
-- the account's own numbers.

ALTER TABLE campaigns
    ADD COLUMN content_version int NOT NULL DEFAULT 0,        -- version of the move that passed the texts last
    ADD COLUMN transliterate boolean NOT NULL DEFAULT false,
    ADD COLUMN authors text[] NOT NULL DEFAULT '{}';          -- who wrote its texts: may not approve them
ALTER TABLE campaign_contents ADD COLUMN transliterate boolean NOT NULL DEFAULT false;

CREATE TABLE moderation_rules (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    kind text NOT NULL,        -- term | host | own_domain
    value text NOT NULL,
    verdict text NOT NULL,     -- review | reject
    category text NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    UNIQUE (account_id, kind, value)
);

CREATE TABLE test_numbers (
    account_id uuid NOT NULL,
    number text NOT NULL,
    country text NOT NULL,
    added_at timestamptz NOT NULL,
    added_by text NOT NULL,
    PRIMARY KEY (account_id, number)
);

-- A text sent to an account's own numbers. Its id takes a campaign's place in events, so that nothing is counted there.
CREATE TABLE test_sends (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    variant smallint NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    version int NOT NULL,              -- counts its moves
    status text NOT NULL               -- started | finished
);
CREATE INDEX test_sends_of_campaign ON test_sends (campaign_id, id DESC);
CREATE INDEX test_sends_of_account ON test_sends (account_id, created_at);

CREATE TABLE test_messages (
    test_id uuid NOT NULL REFERENCES test_sends,
    seq int NOT NULL,
    number text NOT NULL,
    country text NOT NULL,
    text text NOT NULL,                -- as previewed, with sample URLs
    outcome text,
    error text,
    parts int NOT NULL DEFAULT 0,
    cost numeric NOT NULL DEFAULT 0,
    currency text,
    PRIMARY KEY (test_id, seq)
);
