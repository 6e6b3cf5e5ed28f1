-- The result of the migrations; written by `python -m volley_tools.schema`.

CREATE TABLE public.campaigns (
    campaign_id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text,
    status text,
    version integer DEFAULT 0 NOT NULL,
    recipients integer,
    first_seen timestamp with time zone DEFAULT now() NOT NULL,
    aborted boolean DEFAULT false NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    named_at timestamp with time zone
);

CREATE TABLE public.changes (
    campaign_id uuid NOT NULL
);

CREATE TABLE public.clickers (
    campaign_id uuid NOT NULL,
    seq integer NOT NULL,
    settled boolean DEFAULT false NOT NULL,
    country text,
    at timestamp with time zone
);

CREATE TABLE public.clicks (
    campaign_id uuid NOT NULL,
    account_id uuid NOT NULL,
    seq integer NOT NULL,
    variant integer NOT NULL,
    domain_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    reason text,
    user_agent text NOT NULL,
    rules integer DEFAULT 0 NOT NULL,
    link text,
    country text
);

CREATE TABLE public.costs (
    campaign_id uuid NOT NULL,
    minute timestamp with time zone NOT NULL,
    currency text NOT NULL,
    account_id uuid NOT NULL,
    cost numeric DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.domains (
    campaign_id uuid NOT NULL,
    purpose text NOT NULL,
    domain_id uuid NOT NULL,
    account_id uuid NOT NULL,
    submitted bigint DEFAULT 0 NOT NULL,
    clicks_raw bigint DEFAULT 0 NOT NULL,
    clicks_human bigint DEFAULT 0 NOT NULL,
    optouts bigint DEFAULT 0 NOT NULL,
    failed bigint DEFAULT 0 NOT NULL,
    parts bigint DEFAULT 0 NOT NULL,
    clickers bigint DEFAULT 0 NOT NULL,
    submitted_with_receipts bigint DEFAULT 0 NOT NULL,
    delivered bigint DEFAULT 0 NOT NULL,
    undelivered bigint DEFAULT 0 NOT NULL,
    CONSTRAINT domains_purpose_check CHECK ((purpose = ANY (ARRAY['short'::text, 'optout'::text])))
)
WITH (fillfactor='50');

CREATE TABLE public.errors (
    campaign_id uuid NOT NULL,
    stage text NOT NULL,
    error text NOT NULL,
    account_id uuid NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT errors_stage_check CHECK ((stage = ANY (ARRAY['handover'::text, 'delivery'::text])))
)
WITH (fillfactor='50');

CREATE TABLE public.figures (
    campaign_id uuid NOT NULL,
    variant integer NOT NULL,
    country text NOT NULL,
    currency text NOT NULL,
    account_id uuid NOT NULL,
    submitted bigint DEFAULT 0 NOT NULL,
    submitted_with_receipts bigint DEFAULT 0 NOT NULL,
    delivered bigint DEFAULT 0 NOT NULL,
    undelivered bigint DEFAULT 0 NOT NULL,
    failed bigint DEFAULT 0 NOT NULL,
    unknown bigint DEFAULT 0 NOT NULL,
    suppressed bigint DEFAULT 0 NOT NULL,
    cancelled bigint DEFAULT 0 NOT NULL,
    parts bigint DEFAULT 0 NOT NULL,
    cost numeric DEFAULT 0 NOT NULL,
    clicks_raw bigint DEFAULT 0 NOT NULL,
    clicks_human bigint DEFAULT 0 NOT NULL,
    clickers bigint DEFAULT 0 NOT NULL,
    optouts bigint DEFAULT 0 NOT NULL,
    optouts_page bigint DEFAULT 0 NOT NULL,
    optouts_reply bigint DEFAULT 0 NOT NULL,
    replies bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.inbox (
    consumer text NOT NULL,
    event_id text NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.links (
    campaign_id uuid NOT NULL,
    link text NOT NULL,
    account_id uuid NOT NULL,
    clicks_raw bigint DEFAULT 0 NOT NULL,
    clicks_human bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.minutes (
    campaign_id uuid NOT NULL,
    minute timestamp with time zone NOT NULL,
    account_id uuid NOT NULL,
    submitted bigint DEFAULT 0 NOT NULL,
    delivered bigint DEFAULT 0 NOT NULL,
    clicks_raw bigint DEFAULT 0 NOT NULL,
    clicks_human bigint DEFAULT 0 NOT NULL,
    optouts bigint DEFAULT 0 NOT NULL,
    failed bigint DEFAULT 0 NOT NULL,
    undelivered bigint DEFAULT 0 NOT NULL,
    parts bigint DEFAULT 0 NOT NULL,
    clickers bigint DEFAULT 0 NOT NULL,
    replies bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.optouts (
    campaign_id uuid NOT NULL,
    seq integer NOT NULL
);

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

CREATE TABLE public.presses (
    campaign_id uuid NOT NULL,
    seq integer NOT NULL
);

ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_pkey PRIMARY KEY (campaign_id);

ALTER TABLE ONLY public.clickers
    ADD CONSTRAINT clickers_pkey PRIMARY KEY (campaign_id, seq);

ALTER TABLE ONLY public.costs
    ADD CONSTRAINT costs_pkey PRIMARY KEY (campaign_id, minute, currency);

ALTER TABLE ONLY public.domains
    ADD CONSTRAINT domains_pkey PRIMARY KEY (campaign_id, purpose, domain_id);

ALTER TABLE ONLY public.errors
    ADD CONSTRAINT errors_pkey PRIMARY KEY (campaign_id, stage, error);

ALTER TABLE ONLY public.figures
    ADD CONSTRAINT figures_pkey PRIMARY KEY (campaign_id, variant, country, currency);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (consumer, event_id);

ALTER TABLE ONLY public.links
    ADD CONSTRAINT links_pkey PRIMARY KEY (campaign_id, link);

ALTER TABLE ONLY public.minutes
    ADD CONSTRAINT minutes_pkey PRIMARY KEY (campaign_id, minute);

ALTER TABLE ONLY public.optouts
    ADD CONSTRAINT optouts_pkey PRIMARY KEY (campaign_id, seq);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.presses
    ADD CONSTRAINT presses_pkey PRIMARY KEY (campaign_id, seq);

CREATE INDEX clicks_at ON public.clicks USING brin (at);

CREATE INDEX clicks_of_recipient ON public.clicks USING btree (campaign_id, seq);

CREATE INDEX costs_of_account ON public.costs USING btree (account_id, minute);

CREATE INDEX inbox_received_at ON public.inbox USING brin (received_at);

CREATE INDEX minutes_of_account ON public.minutes USING btree (account_id, minute);
