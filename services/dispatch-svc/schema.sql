-- The result of the migrations; written by `python -m volley_tools.schema`.

CREATE TABLE public.campaigns (
    campaign_id uuid NOT NULL,
    account_id uuid NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    content_hash text,
    content_version integer DEFAULT 0 NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    sendable_since timestamp with time zone,
    budget numeric,
    counted numeric DEFAULT 0 NOT NULL,
    spent numeric,
    reserved numeric DEFAULT 0 NOT NULL,
    budget_told boolean DEFAULT false NOT NULL
);

CREATE TABLE public.inbound_messages (
    message_id uuid NOT NULL,
    account_id uuid NOT NULL,
    route_id uuid NOT NULL,
    provider_key text NOT NULL,
    from_number text NOT NULL,
    to_address text NOT NULL,
    text text NOT NULL,
    keyword text,
    sent_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL
);

CREATE TABLE public.inbox (
    consumer text NOT NULL,
    event_id text NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.keywords (
    account_id uuid NOT NULL,
    plain text NOT NULL,
    word text NOT NULL,
    keyword text NOT NULL,
    language text,
    CONSTRAINT keywords_keyword_check CHECK ((keyword = ANY (ARRAY['stop'::text, 'help'::text, 'start'::text])))
);

CREATE TABLE public.message_parts (
    route_id uuid NOT NULL,
    provider_id text NOT NULL COLLATE pg_catalog."C",
    campaign_id uuid NOT NULL,
    seq integer NOT NULL,
    variant smallint NOT NULL,
    country text NOT NULL,
    part_count smallint NOT NULL,
    status text,
    error text,
    status_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    short_domain_id uuid
)
WITH (fillfactor='80');

CREATE TABLE public.outbox (
    id bigint NOT NULL,
    topic text NOT NULL,
    key bytea NOT NULL,
    value bytea NOT NULL,
    headers jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.owners (
    owner_id integer NOT NULL,
    instance text NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    dead_since timestamp with time zone
);

ALTER TABLE public.owners ALTER COLUMN owner_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.owners_owner_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.parked_receipts (
    id bigint NOT NULL,
    account_id uuid NOT NULL,
    route_id uuid NOT NULL,
    provider_id text NOT NULL,
    ref text,
    number text NOT NULL,
    sender text NOT NULL,
    status text NOT NULL,
    error text,
    status_at timestamp with time zone NOT NULL,
    parked_at timestamp with time zone DEFAULT now() NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    next_try timestamp with time zone DEFAULT (now() + '00:00:00.5'::interval) NOT NULL
);

ALTER TABLE public.parked_receipts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.parked_receipts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pieces (
    campaign_id uuid NOT NULL,
    first_seq integer NOT NULL,
    account_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    pace integer NOT NULL,
    size integer NOT NULL,
    next_offset integer DEFAULT 0 NOT NULL,
    value bytea,
    taken_at timestamp with time zone DEFAULT now() NOT NULL,
    content_version integer DEFAULT 0 NOT NULL,
    sendable tstzmultirange
);

CREATE TABLE public.rate_card_prices (
    account_id uuid NOT NULL,
    country text NOT NULL,
    price numeric NOT NULL,
    CONSTRAINT rate_card_prices_price_check CHECK ((price >= (0)::numeric))
);

CREATE TABLE public.rate_cards (
    account_id uuid NOT NULL,
    currency text NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.returned (
    id bigint NOT NULL,
    campaign_id uuid NOT NULL,
    first_seq integer NOT NULL,
    sender_id uuid NOT NULL,
    pace integer NOT NULL,
    offsets integer[] NOT NULL,
    attempts integer NOT NULL,
    tried_since timestamp with time zone,
    not_before timestamp with time zone NOT NULL,
    avoid uuid[] DEFAULT '{}'::uuid[] NOT NULL
);

ALTER TABLE public.returned ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.returned_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.route_connections (
    route_id uuid NOT NULL,
    instance text NOT NULL,
    healthy boolean NOT NULL,
    sessions integer NOT NULL,
    connected_since timestamp with time zone,
    last_error text,
    last_error_at timestamp with time zone,
    seen_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.route_health (
    account_id uuid NOT NULL,
    reachable text[],
    worse_since timestamp with time zone
);

CREATE TABLE public.routes (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    protocol text NOT NULL,
    config jsonb NOT NULL,
    priority integer NOT NULL,
    countries text[],
    status text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    secrets bytea,
    CONSTRAINT routes_protocol_check CHECK ((protocol = ANY (ARRAY['smpp'::text, 'http'::text, 'twilio'::text]))),
    CONSTRAINT routes_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'disabled'::text])))
);

CREATE TABLE public.senders (
    sender_id uuid NOT NULL,
    pace integer NOT NULL,
    version integer NOT NULL
);

CREATE TABLE public.slices (
    slice_no bigint NOT NULL,
    campaign_id uuid NOT NULL,
    first_seq integer NOT NULL,
    sender_id uuid NOT NULL,
    pace integer NOT NULL,
    offsets integer[] NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    tried_since timestamp with time zone,
    owner_id integer NOT NULL,
    state text DEFAULT 'leased'::text NOT NULL,
    suppressed text[],
    routes jsonb,
    leased_at timestamp with time zone DEFAULT now() NOT NULL,
    settled_at timestamp with time zone,
    outcomes text[],
    costs numeric[],
    errors text[],
    avoid uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    reserved numeric,
    CONSTRAINT slices_state_check CHECK ((state = ANY (ARRAY['leased'::text, 'sending'::text, 'done'::text])))
);

ALTER TABLE public.slices ALTER COLUMN slice_no ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.slices_slice_no_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.suppressions (
    account_id uuid NOT NULL,
    number text NOT NULL COLLATE pg_catalog."C",
    suppressed boolean NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.unknown_messages (
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
    settled_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_pkey PRIMARY KEY (campaign_id);

ALTER TABLE ONLY public.inbound_messages
    ADD CONSTRAINT inbound_messages_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (consumer, event_id);

ALTER TABLE ONLY public.keywords
    ADD CONSTRAINT keywords_pkey PRIMARY KEY (account_id, plain);

ALTER TABLE ONLY public.message_parts
    ADD CONSTRAINT message_parts_pkey PRIMARY KEY (route_id, provider_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.owners
    ADD CONSTRAINT owners_pkey PRIMARY KEY (owner_id);

ALTER TABLE ONLY public.parked_receipts
    ADD CONSTRAINT parked_receipts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pieces
    ADD CONSTRAINT pieces_pkey PRIMARY KEY (campaign_id, first_seq);

ALTER TABLE ONLY public.rate_card_prices
    ADD CONSTRAINT rate_card_prices_pkey PRIMARY KEY (account_id, country);

ALTER TABLE ONLY public.rate_cards
    ADD CONSTRAINT rate_cards_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.returned
    ADD CONSTRAINT returned_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.route_connections
    ADD CONSTRAINT route_connections_pkey PRIMARY KEY (route_id, instance);

ALTER TABLE ONLY public.route_health
    ADD CONSTRAINT route_health_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.routes
    ADD CONSTRAINT routes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.senders
    ADD CONSTRAINT senders_pkey PRIMARY KEY (sender_id);

ALTER TABLE ONLY public.slices
    ADD CONSTRAINT slices_pkey PRIMARY KEY (slice_no);

ALTER TABLE ONLY public.suppressions
    ADD CONSTRAINT suppressions_pkey PRIMARY KEY (account_id, number);

ALTER TABLE ONLY public.unknown_messages
    ADD CONSTRAINT unknown_messages_pkey PRIMARY KEY (campaign_id, seq);

CREATE UNIQUE INDEX inbound_messages_key ON public.inbound_messages USING btree (route_id, provider_key);

CREATE INDEX message_parts_age ON public.message_parts USING brin (created_at);

CREATE INDEX message_parts_of_long ON public.message_parts USING btree (campaign_id, seq) WHERE (part_count > 1);

CREATE INDEX parked_receipts_due ON public.parked_receipts USING btree (next_try);

CREATE INDEX pieces_newest ON public.pieces USING btree (sender_id, taken_at DESC) INCLUDE (pace);

CREATE INDEX pieces_open ON public.pieces USING btree (sender_id, campaign_id, first_seq) INCLUDE (pace) WHERE (next_offset < size);

CREATE INDEX pieces_with_value ON public.pieces USING btree (taken_at) WHERE (value IS NOT NULL);

CREATE INDEX returned_due ON public.returned USING btree (sender_id, campaign_id, not_before);

CREATE INDEX returned_piece ON public.returned USING btree (campaign_id, first_seq);

CREATE UNIQUE INDEX routes_login ON public.routes USING btree (lower((config ->> 'host'::text)), ((config ->> 'port'::text)), ((config ->> 'system_id'::text))) WHERE ((protocol = 'smpp'::text) AND (status <> 'disabled'::text));

CREATE UNIQUE INDEX routes_name ON public.routes USING btree (account_id, name);

CREATE INDEX slices_on_their_way ON public.slices USING btree (owner_id) WHERE (state <> 'done'::text);

CREATE INDEX slices_piece ON public.slices USING btree (campaign_id, first_seq) WHERE (state <> 'done'::text);

CREATE INDEX unknown_messages_number ON public.unknown_messages USING btree (route_id, number);

ALTER TABLE ONLY public.rate_card_prices
    ADD CONSTRAINT rate_card_prices_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.rate_cards(account_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.route_connections
    ADD CONSTRAINT route_connections_route_id_fkey FOREIGN KEY (route_id) REFERENCES public.routes(id) ON DELETE CASCADE;
