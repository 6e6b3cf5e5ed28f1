-- Campaigns, what was prepared for them, what became of them, and the alerts about them.

CREATE TABLE campaigns (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    name text NOT NULL,
    tags text[] NOT NULL DEFAULT '{}',
    type text NOT NULL DEFAULT 'outbound',
    status text NOT NULL DEFAULT 'draft',
    version int NOT NULL DEFAULT 0,    -- counts the moves
    revision int NOT NULL DEFAULT 1,   -- counts every change that a person can see: the ETag
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    updated_at timestamptz NOT NULL,
    submitted_by text,                 -- who answers for the texts: may not approve them
    launched_at timestamptz,

    -- what the steps of creation fill in
    include uuid[] NOT NULL DEFAULT '{}',
    exclude uuid[] NOT NULL DEFAULT '{}',
    sender_id uuid,
    variants jsonb NOT NULL DEFAULT '[]',   -- [{name, text, ratio}]
    target_url text,
    short_pool_id uuid,
    optout_pool_id uuid,
    start_mode text,                        -- now | at | manual
    start_at timestamptz,
    lateness_limit_s int NOT NULL DEFAULT 7200,
    budget_amount numeric,
    budget_currency text,
    max_parts_per_second int,

    -- what processing found
    recipients int,
    dropped jsonb NOT NULL DEFAULT '{}',    -- {reason: count}
    moderation jsonb,
    forecast jsonb,
    content_hash text,                      -- of the texts that passed
    typical_parts double precision NOT NULL DEFAULT 1,
    prepare_after timestamptz NOT NULL DEFAULT now(),

    -- why it stands where it stands
    code text,
    sentence text,
    since timestamptz,
    held_from jsonb,                        -- {status, code, sentence, since} before changed texts were held

    -- how far it was fed
    handed_over boolean NOT NULL DEFAULT false,
    next_batch_no int NOT NULL DEFAULT 0,
    next_seq int NOT NULL DEFAULT 0,
    feed_after timestamptz                  -- a throughput cap: not before
);
CREATE INDEX campaigns_of_account ON campaigns (account_id, id DESC) WHERE status <> 'deleted';
-- The worker asks for these again and again; they are few whatever the table holds.
CREATE INDEX campaigns_at_work ON campaigns (status)
    WHERE status IN ('processing', 'scheduled', 'started', 'sending', 'suspended');
CREATE INDEX campaigns_of_sender ON campaigns (sender_id);

CREATE TABLE campaign_history (
    campaign_id uuid NOT NULL REFERENCES campaigns,
    version int NOT NULL,
    move text NOT NULL,
    status_from text NOT NULL,
    status_to text NOT NULL,
    actor text NOT NULL,
    code text,
    sentence text,
    at timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, version)
);

-- Every content that passed moderation: batches that were recorded keep theirs when the texts are edited.
CREATE TABLE campaign_contents (
    campaign_id uuid NOT NULL REFERENCES campaigns,
    hash text NOT NULL,
    texts text[] NOT NULL,
    target_url text,
    passed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, hash)
);

-- The audience as it was when the campaign was prepared. `fields` holds what the templates use. Rows below
-- campaigns.next_seq never change: batches are built from them, and built again.
CREATE TABLE recipients (
    campaign_id uuid NOT NULL,
    seq int NOT NULL,
    contact_id uuid NOT NULL,
    number text NOT NULL,
    country text NOT NULL,
    variant smallint NOT NULL,
    fields jsonb NOT NULL,
    PRIMARY KEY (campaign_id, seq)
);
CREATE INDEX recipients_of_contact ON recipients (contact_id);

-- Recipients first_seq .. first_seq + count - 1. Outstanding while settled < count.
CREATE TABLE batches (
    campaign_id uuid NOT NULL REFERENCES campaigns,
    batch_no int NOT NULL,
    first_seq int NOT NULL,
    count int NOT NULL,
    content_hash text NOT NULL,
    short_pool_id uuid,
    optout_pool_id uuid,
    settled int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    PRIMARY KEY (campaign_id, batch_no),
    FOREIGN KEY (campaign_id, content_hash) REFERENCES campaign_contents (campaign_id, hash)
) WITH (fillfactor = 70);
CREATE INDEX batches_unpublished ON batches (campaign_id, batch_no) WHERE published_at IS NULL;
CREATE INDEX batches_outstanding ON batches (campaign_id) WHERE settled < count;

-- What became of the recipients, counted from outcomes. Apart from campaigns: it changes many times a second.
CREATE TABLE campaign_progress (
    campaign_id uuid PRIMARY KEY REFERENCES campaigns,
    submitted int NOT NULL DEFAULT 0,
    failed int NOT NULL DEFAULT 0,
    unknown int NOT NULL DEFAULT 0,
    suppressed int NOT NULL DEFAULT 0,
    cancelled int NOT NULL DEFAULT 0,
    parts bigint NOT NULL DEFAULT 0,
    cost numeric NOT NULL DEFAULT 0,
    currency text,
    last_at timestamptz
) WITH (fillfactor = 50);

CREATE TABLE alerts (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    code text NOT NULL,
    sentence text NOT NULL,
    campaign_id uuid,
    pool_id uuid,
    raised_at timestamptz NOT NULL,
    resolved_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text
);
CREATE INDEX alerts_of_account ON alerts (account_id, id DESC);
-- One open alert a cause.
CREATE UNIQUE INDEX alerts_open_pool ON alerts (account_id, pool_id) WHERE resolved_at IS NULL AND pool_id IS NOT NULL;
CREATE UNIQUE INDEX alerts_open_campaign ON alerts (campaign_id, code) WHERE resolved_at IS NULL AND pool_id IS NULL;

CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text NOT NULL, key bytea NOT NULL, value bytea NOT NULL,
    headers jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE inbox (consumer text NOT NULL, event_id text NOT NULL, received_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (consumer, event_id));
