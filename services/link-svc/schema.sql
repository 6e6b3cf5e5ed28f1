-- The result of the migrations; written by `python -m volley_tools.schema`.

CREATE TABLE public.domain_health (
    domain_id uuid NOT NULL,
    next_check_at timestamp with time zone NOT NULL,
    checked_at timestamp with time zone,
    problem text,
    certificate_expires_at timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    told boolean DEFAULT false NOT NULL
);

CREATE TABLE public.domains (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    host text NOT NULL,
    state text NOT NULL,
    message_limit bigint,
    used bigint DEFAULT 0 NOT NULL,
    next_index bigint DEFAULT 0 NOT NULL,
    key_id smallint DEFAULT 1 NOT NULL,
    status text GENERATED ALWAYS AS (
CASE
    WHEN ((state = 'active'::text) AND (used >= message_limit)) THEN 'limit_reached'::text
    ELSE state
END) STORED NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT domains_host_check CHECK ((host = lower(host))),
    CONSTRAINT domains_message_limit_check CHECK ((message_limit > 0)),
    CONSTRAINT domains_next_index_check CHECK (((next_index >= 0) AND (next_index <= '218340105584896'::bigint))),
    CONSTRAINT domains_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'active'::text, 'blocked'::text, 'archived'::text]))),
    CONSTRAINT domains_used_check CHECK ((used >= 0)),
    CONSTRAINT never_above_its_limit CHECK ((used <= message_limit))
);

CREATE TABLE public.ended_campaigns (
    campaign_id uuid NOT NULL,
    ended_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.inbox (
    consumer text NOT NULL,
    event_id text NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
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

CREATE TABLE public.pool_domains (
    pool_id uuid NOT NULL,
    domain_id uuid NOT NULL,
    "position" integer NOT NULL
);

CREATE TABLE public.pools (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    purpose text NOT NULL,
    exhausted boolean DEFAULT false NOT NULL,
    last_position integer DEFAULT '-1'::integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    campaign_id uuid,
    CONSTRAINT pools_purpose_check CHECK ((purpose = ANY (ARRAY['short'::text, 'optout'::text])))
);

CREATE TABLE public.ranges (
    domain_id uuid NOT NULL,
    start bigint NOT NULL,
    count integer NOT NULL,
    account_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    first_seq integer NOT NULL,
    kind text NOT NULL,
    target_url text,
    variants smallint[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    links jsonb,
    countries text,
    CONSTRAINT ranges_count_check CHECK ((count > 0)),
    CONSTRAINT ranges_kind_check CHECK ((kind = ANY (ARRAY['short'::text, 'optout'::text]))),
    languages text,
    key_id smallint DEFAULT 1 NOT NULL
);

CREATE TABLE public.taken (
    campaign_id uuid NOT NULL,
    first_seq integer NOT NULL,
    taken_at timestamp with time zone DEFAULT now() NOT NULL,
    content_version integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.target_values (
    domain_id uuid NOT NULL,
    start bigint NOT NULL,
    account_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    numbers text[] NOT NULL,
    fields text[] NOT NULL,
    "values" jsonb NOT NULL
);

CREATE TABLE public.waiting (
    id bigint NOT NULL,
    account_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    count integer NOT NULL,
    short_pool_id uuid,
    optout_pool_id uuid,
    batch bytea NOT NULL
);

ALTER TABLE public.waiting ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.waiting_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.domain_health
    ADD CONSTRAINT domain_health_pkey PRIMARY KEY (domain_id);

ALTER TABLE ONLY public.domains
    ADD CONSTRAINT domains_host_key UNIQUE (host);

ALTER TABLE ONLY public.domains
    ADD CONSTRAINT domains_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ended_campaigns
    ADD CONSTRAINT ended_campaigns_pkey PRIMARY KEY (campaign_id);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (consumer, event_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pool_domains
    ADD CONSTRAINT pool_domains_pkey PRIMARY KEY (pool_id, domain_id);

ALTER TABLE ONLY public.pools
    ADD CONSTRAINT pools_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ranges
    ADD CONSTRAINT ranges_pkey PRIMARY KEY (domain_id, start);

ALTER TABLE ONLY public.taken
    ADD CONSTRAINT taken_pkey PRIMARY KEY (campaign_id, first_seq);

ALTER TABLE ONLY public.target_values
    ADD CONSTRAINT target_values_pkey PRIMARY KEY (domain_id, start);

ALTER TABLE ONLY public.waiting
    ADD CONSTRAINT waiting_pkey PRIMARY KEY (id);

CREATE INDEX domain_health_due ON public.domain_health USING btree (next_check_at);

CREATE INDEX domains_of_account ON public.domains USING btree (account_id, id);

CREATE INDEX pools_exhausted ON public.pools USING btree (id) WHERE exhausted;

CREATE INDEX pools_of_account ON public.pools USING btree (account_id, id);

CREATE UNIQUE INDEX pools_of_campaign ON public.pools USING btree (campaign_id, purpose);

CREATE INDEX pools_of_domain ON public.pool_domains USING btree (domain_id);

CREATE INDEX ranges_expiring ON public.ranges USING btree (expires_at) WHERE (expires_at IS NOT NULL);

CREATE UNIQUE INDEX ranges_of_campaign ON public.ranges USING btree (campaign_id, first_seq, kind);

CREATE INDEX target_values_of_number ON public.target_values USING gin (numbers);

CREATE INDEX waiting_for_optout ON public.waiting USING btree (optout_pool_id, id);

CREATE INDEX waiting_for_short ON public.waiting USING btree (short_pool_id, id);

CREATE INDEX waiting_of_campaign ON public.waiting USING btree (campaign_id);

ALTER TABLE ONLY public.domain_health
    ADD CONSTRAINT domain_health_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES public.domains(id);

ALTER TABLE ONLY public.pool_domains
    ADD CONSTRAINT pool_domains_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES public.domains(id);

ALTER TABLE ONLY public.pool_domains
    ADD CONSTRAINT pool_domains_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES public.pools(id);

ALTER TABLE ONLY public.ranges
    ADD CONSTRAINT ranges_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES public.domains(id);

ALTER TABLE ONLY public.waiting
    ADD CONSTRAINT waiting_optout_pool_id_fkey FOREIGN KEY (optout_pool_id) REFERENCES public.pools(id);

ALTER TABLE ONLY public.waiting
    ADD CONSTRAINT waiting_short_pool_id_fkey FOREIGN KEY (short_pool_id) REFERENCES public.pools(id);
