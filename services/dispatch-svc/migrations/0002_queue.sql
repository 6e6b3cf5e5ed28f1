-- The queue, the slices on their way, what receipts are matched with, and what came from phones.

-- The last known status of every campaign, fed by campaign.lifecycle; a newer version wins.
CREATE TABLE campaigns (
    campaign_id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL
);

-- A piece is a LinkedBatch as it came. Recipients from next_offset on were never leased. The value goes when nothing of
-- it can be sent any more; the row stays as long as Kafka may deliver the piece again.
CREATE TABLE pieces (
    campaign_id uuid NOT NULL,
    first_seq integer NOT NULL,
    account_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    pace integer NOT NULL,  -- parts a second, as the sender had it
    size integer NOT NULL,
    next_offset integer NOT NULL DEFAULT 0,
    value bytea,
    taken_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, first_seq)
);
CREATE INDEX pieces_open ON pieces (sender_id, campaign_id, first_seq) INCLUDE (pace) WHERE next_offset < size;
CREATE INDEX pieces_with_value ON pieces (taken_at) WHERE value IS NOT NULL;

-- Recipients that were leased and may be leased again: the provider said not now, or they never left.
CREATE TABLE returned (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id uuid NOT NULL,
    first_seq integer NOT NULL,
    sender_id uuid NOT NULL,
    pace integer NOT NULL,
    offsets integer[] NOT NULL,
    attempts integer NOT NULL,
    tried_since timestamptz,  -- when the provider first said not now
    not_before timestamptz NOT NULL
);
CREATE INDEX returned_due ON returned (sender_id, campaign_id, not_before);
CREATE INDEX returned_piece ON returned (campaign_id, first_seq);

-- The processes that lease slices. Each holds pg_advisory_lock(owners_lock, owner_id) on a connection of its own; a lock
-- that another can take is the only proof that its owner is dead.
CREATE TABLE owners (
    owner_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    dead_since timestamptz
);

-- leased: nothing has left. sending: may have left (written before the first hand-over). done: settled.
-- outcomes, costs and errors have one entry an offset.
CREATE TABLE slices (
    slice_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id uuid NOT NULL,
    first_seq integer NOT NULL,
    sender_id uuid NOT NULL,
    pace integer NOT NULL,
    offsets integer[] NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    tried_since timestamptz,
    owner_id integer NOT NULL,
    state text NOT NULL DEFAULT 'leased' CHECK (state IN ('leased', 'sending', 'done')),
    suppressed text[],            -- numbers that were suppressed when it became sending
    routes jsonb,                 -- country -> route id, when it became sending
    leased_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    outcomes text[],
    costs numeric[],
    errors text[]
);
CREATE INDEX slices_on_their_way ON slices (owner_id) WHERE state <> 'done';
CREATE INDEX slices_piece ON slices (campaign_id, first_seq) WHERE state <> 'done';

-- Parts that providers took, to match receipts with. provider_id is the provider's word for it.
CREATE TABLE message_parts (
    route_id uuid NOT NULL,
    provider_id text COLLATE "C" NOT NULL,
    campaign_id uuid NOT NULL,
    seq integer NOT NULL,
    variant smallint NOT NULL,
    country text NOT NULL,
    part_count smallint NOT NULL,
    status text,
    error text,
    status_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (route_id, provider_id)
) WITH (fillfactor = 80);
CREATE INDEX message_parts_of_long ON message_parts (campaign_id, seq) WHERE part_count > 1;
CREATE INDEX message_parts_age ON message_parts USING brin (created_at);

-- Messages that a provider may have; everything that the revision of their outcome needs.
CREATE TABLE unknown_messages (
    campaign_id uuid NOT NULL,
    seq integer NOT NULL,
    account_id uuid NOT NULL,
    route_id uuid NOT NULL,
    number text NOT NULL,
    sender text NOT NULL,
    batch_no integer NOT NULL,
    sender_id uuid NOT NULL,
    short_domain_id uuid,
    optout_domain_id uuid,
    variant smallint NOT NULL,
    country text NOT NULL,
    parts smallint NOT NULL,
    currency text NOT NULL,
    cost numeric NOT NULL,
    settled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, seq)
);
CREATE INDEX unknown_messages_number ON unknown_messages (route_id, number);

-- Receipts that matched nothing yet: they may be earlier than the settlement of their slice.
CREATE TABLE parked_receipts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid NOT NULL,
    route_id uuid NOT NULL,
    provider_id text NOT NULL,
    ref text,
    number text NOT NULL,
    sender text NOT NULL,
    status text NOT NULL,
    error text,
    status_at timestamptz NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    tries integer NOT NULL DEFAULT 0,
    next_try timestamptz NOT NULL DEFAULT now() + interval '500 ms'
);
CREATE INDEX parked_receipts_due ON parked_receipts (next_try);

CREATE TABLE inbound_messages (
    message_id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    route_id uuid NOT NULL,
    provider_key text NOT NULL,
    from_number text NOT NULL,
    to_address text NOT NULL,
    text text NOT NULL,
    keyword text,
    sent_at timestamptz NOT NULL,      -- as the provider says
    received_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX inbound_messages_key ON inbound_messages (route_id, provider_key);

-- Numbers that an account must not text: from suppression.changes, and from STOP at once. A newer change wins.
CREATE TABLE suppressions (
    account_id uuid NOT NULL,
    number text COLLATE "C" NOT NULL,
    suppressed boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, number)
);
