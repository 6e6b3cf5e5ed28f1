-- The result of the migrations; written by `python -m volley_tools.schema`.

CREATE FUNCTION public.count_campaign() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO campaign_totals AS t (account_id, total) VALUES (new.account_id, 1)
    ON CONFLICT (account_id) DO UPDATE SET total = t.total + CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.search_terms(account_id uuid, name text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    SELECT array_append(array_agg(DISTINCT substr(lower(name), i, 3)), account_id::text)
    FROM generate_series(1, length(name) - 2) AS i
$$;

CREATE TABLE public.account_breakers (
    account_id uuid NOT NULL,
    breakers jsonb NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.account_names (
    account_id uuid NOT NULL,
    name text NOT NULL
);

CREATE TABLE public.alerts (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    code text NOT NULL,
    sentence text NOT NULL,
    campaign_id uuid,
    pool_id uuid,
    raised_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    acknowledged_at timestamp with time zone,
    acknowledged_by text,
    domain_id uuid
);

CREATE TABLE public.answers (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    conversation_id uuid,
    number text NOT NULL,
    text text NOT NULL,
    author text NOT NULL,
    at timestamp with time zone NOT NULL,
    outcome text,
    error text,
    parts integer DEFAULT 0 NOT NULL,
    cost numeric DEFAULT 0 NOT NULL,
    currency text
);

CREATE TABLE public.attribute_names (
    account_id uuid NOT NULL,
    name text NOT NULL
);

CREATE TABLE public.batches (
    campaign_id uuid NOT NULL,
    batch_no integer NOT NULL,
    first_seq integer NOT NULL,
    count integer NOT NULL,
    content_hash text NOT NULL,
    short_pool_id uuid,
    optout_pool_id uuid,
    settled integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    published_at timestamp with time zone
)
WITH (fillfactor='70');

CREATE TABLE public.campaign_contents (
    campaign_id uuid NOT NULL,
    hash text NOT NULL,
    texts text[] NOT NULL,
    target_url text,
    passed_at timestamp with time zone DEFAULT now() NOT NULL,
    transliterate boolean DEFAULT false NOT NULL,
    links jsonb DEFAULT '[]'::jsonb NOT NULL
);

CREATE TABLE public.campaign_groups (
    campaign_id uuid NOT NULL,
    no integer NOT NULL,
    zones text[] NOT NULL,
    first_seq integer NOT NULL,
    count integer NOT NULL,
    fed integer DEFAULT 0 NOT NULL,
    country text
);

CREATE TABLE public.campaign_history (
    campaign_id uuid NOT NULL,
    version integer NOT NULL,
    move text NOT NULL,
    status_from text NOT NULL,
    status_to text NOT NULL,
    actor text NOT NULL,
    code text,
    sentence text,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.campaign_progress (
    campaign_id uuid NOT NULL,
    submitted integer DEFAULT 0 NOT NULL,
    failed integer DEFAULT 0 NOT NULL,
    unknown integer DEFAULT 0 NOT NULL,
    suppressed integer DEFAULT 0 NOT NULL,
    cancelled integer DEFAULT 0 NOT NULL,
    parts bigint DEFAULT 0 NOT NULL,
    cost numeric DEFAULT 0 NOT NULL,
    currency text,
    last_at timestamp with time zone,
    delivered integer DEFAULT 0 NOT NULL,
    clickers integer DEFAULT 0 NOT NULL,
    ctr double precision,
    figures_at timestamp with time zone,
    "window" jsonb,
    optouts integer DEFAULT 0 NOT NULL,
    comparison jsonb,
    compared_at timestamp with time zone,
    budget_needed numeric,
    undelivered integer DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.campaign_totals (
    account_id uuid NOT NULL,
    total integer NOT NULL
);

CREATE TABLE public.campaigns (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    type text DEFAULT 'outbound'::text NOT NULL,
    status text DEFAULT 'draft'::text NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    submitted_by text,
    launched_at timestamp with time zone,
    include uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    exclude uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    sender_id uuid,
    variants jsonb DEFAULT '[]'::jsonb NOT NULL,
    target_url text,
    short_pool_id uuid,
    optout_pool_id uuid,
    start_mode text,
    start_at timestamp with time zone,
    lateness_limit_s integer DEFAULT 7200 NOT NULL,
    budget_amount numeric,
    budget_currency text,
    max_parts_per_second integer,
    recipients integer,
    dropped jsonb DEFAULT '{}'::jsonb NOT NULL,
    moderation jsonb,
    forecast jsonb,
    content_hash text,
    typical_parts double precision DEFAULT 1 NOT NULL,
    prepare_after timestamp with time zone DEFAULT now() NOT NULL,
    code text,
    sentence text,
    since timestamp with time zone,
    held_from jsonb,
    handed_over boolean DEFAULT false NOT NULL,
    next_batch_no integer DEFAULT 0 NOT NULL,
    next_seq integer DEFAULT 0 NOT NULL,
    feed_after timestamp with time zone,
    content_version integer DEFAULT 0 NOT NULL,
    transliterate boolean DEFAULT false NOT NULL,
    authors text[] DEFAULT '{}'::text[] NOT NULL,
    breakers jsonb,
    hours jsonb,
    utm jsonb,
    links_expire_after integer,
    waves jsonb DEFAULT '[]'::jsonb NOT NULL,
    winner jsonb,
    wave integer DEFAULT 0 NOT NULL,
    wave_sent_at timestamp with time zone,
    links jsonb DEFAULT '[]'::jsonb NOT NULL,
    short_domains text[] DEFAULT '{}'::text[] NOT NULL,
    optout_domains text[] DEFAULT '{}'::text[] NOT NULL,
    redealt boolean DEFAULT false NOT NULL
)
WITH (fillfactor='70');

CREATE TABLE public.clickers (
    campaign_id uuid NOT NULL,
    seq integer NOT NULL,
    at timestamp with time zone,
    rules integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.contact_import_chunks (
    import_id uuid NOT NULL,
    first_byte bigint NOT NULL,
    data bytea NOT NULL
);
ALTER TABLE ONLY public.contact_import_chunks ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE public.contact_import_rejects (
    import_id uuid NOT NULL,
    line bigint NOT NULL,
    field text NOT NULL,
    reason text NOT NULL,
    excerpt text NOT NULL
);

CREATE TABLE public.contact_imports (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    status text NOT NULL,
    segment_id uuid,
    columns jsonb,
    bytes_total bigint DEFAULT 0 NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    lines_total bigint DEFAULT 0 NOT NULL,
    line bigint DEFAULT 0 NOT NULL,
    rows_done bigint DEFAULT 0 NOT NULL,
    added bigint DEFAULT 0 NOT NULL,
    updated bigint DEFAULT 0 NOT NULL,
    repeated bigint DEFAULT 0 NOT NULL,
    rejected bigint DEFAULT 0 NOT NULL,
    error text,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    touched_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone
);

CREATE TABLE public.contacts (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    number text NOT NULL,
    country character(2) NOT NULL,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    timezone text,
    import_id uuid,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);

CREATE TABLE public.conversations (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    number text NOT NULL,
    address text NOT NULL,
    contact_id uuid,
    campaign_id uuid,
    status text DEFAULT 'open'::text NOT NULL,
    assigned_to text,
    unread integer DEFAULT 0 NOT NULL,
    last_text text NOT NULL,
    last_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT conversations_status_check CHECK ((status = ANY (ARRAY['open'::text, 'closed'::text])))
);

CREATE TABLE public.deliveries (
    campaign_id uuid NOT NULL,
    event_id text NOT NULL,
    seqs integer[] NOT NULL,
    at timestamp with time zone[] NOT NULL
);

CREATE TABLE public.erasures (
    account_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    number text NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.inbound_messages (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    from_number text NOT NULL,
    to_address text NOT NULL,
    text text NOT NULL,
    keyword text,
    campaign_id uuid,
    contact_id uuid,
    at timestamp with time zone NOT NULL,
    conversation_id uuid
);

CREATE TABLE public.inbox (
    consumer text NOT NULL,
    event_id text NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.keyword_replies (
    account_id uuid NOT NULL,
    keyword text NOT NULL,
    text text,
    changed_at timestamp with time zone NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT keyword_replies_keyword_check CHECK ((keyword ~ '^(stop|help|start)(:[a-z]{2,3})?$'::text))
);

CREATE TABLE public.moderation_rules (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    verdict text NOT NULL,
    category text NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL
);

CREATE TABLE public.optouts (
    campaign_id uuid NOT NULL,
    seq integer NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    counted boolean DEFAULT true NOT NULL
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

CREATE TABLE public.recipients (
    campaign_id uuid NOT NULL,
    seq integer NOT NULL,
    contact_id uuid NOT NULL,
    number text NOT NULL,
    country text NOT NULL,
    variant smallint NOT NULL,
    fields jsonb NOT NULL
);

CREATE TABLE public.route_health (
    account_id uuid NOT NULL,
    reachable text[],
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.segment_members (
    segment_id uuid NOT NULL,
    contact_id uuid NOT NULL
);

CREATE TABLE public.segments (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    kind text DEFAULT 'static'::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    filter jsonb,
    refreshed_at timestamp with time zone
);

CREATE TABLE public.senders (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    address text NOT NULL,
    kind text NOT NULL,
    parts_per_second integer NOT NULL,
    countries text[],
    created_at timestamp with time zone NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    validity_s integer
);

CREATE TABLE public.stale_forecasts (
    campaign_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    holds boolean DEFAULT false NOT NULL
);

CREATE TABLE public.suppressions (
    account_id uuid NOT NULL,
    number text NOT NULL,
    reason text NOT NULL,
    campaign_id uuid,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.test_messages (
    test_id uuid NOT NULL,
    seq integer NOT NULL,
    number text NOT NULL,
    country text NOT NULL,
    text text NOT NULL,
    outcome text,
    error text,
    parts integer DEFAULT 0 NOT NULL,
    cost numeric DEFAULT 0 NOT NULL,
    currency text
);

CREATE TABLE public.test_numbers (
    account_id uuid NOT NULL,
    number text NOT NULL,
    country text NOT NULL,
    added_at timestamp with time zone NOT NULL,
    added_by text NOT NULL
);

CREATE TABLE public.test_sends (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    campaign_id uuid NOT NULL,
    variant smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    contact_id uuid
);

ALTER TABLE ONLY public.account_breakers
    ADD CONSTRAINT account_breakers_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.account_names
    ADD CONSTRAINT account_names_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.answers
    ADD CONSTRAINT answers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.attribute_names
    ADD CONSTRAINT attribute_names_pkey PRIMARY KEY (account_id, name);

ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (campaign_id, batch_no);

ALTER TABLE ONLY public.campaign_contents
    ADD CONSTRAINT campaign_contents_pkey PRIMARY KEY (campaign_id, hash);

ALTER TABLE ONLY public.campaign_groups
    ADD CONSTRAINT campaign_groups_pkey PRIMARY KEY (campaign_id, no);

ALTER TABLE ONLY public.campaign_history
    ADD CONSTRAINT campaign_history_pkey PRIMARY KEY (campaign_id, version);

ALTER TABLE ONLY public.campaign_progress
    ADD CONSTRAINT campaign_progress_pkey PRIMARY KEY (campaign_id);

ALTER TABLE ONLY public.campaign_totals
    ADD CONSTRAINT campaign_totals_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.campaigns
    ADD CONSTRAINT campaigns_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.clickers
    ADD CONSTRAINT clickers_pkey PRIMARY KEY (campaign_id, seq);

ALTER TABLE ONLY public.contact_import_chunks
    ADD CONSTRAINT contact_import_chunks_pkey PRIMARY KEY (import_id, first_byte);

ALTER TABLE ONLY public.contact_import_rejects
    ADD CONSTRAINT contact_import_rejects_pkey PRIMARY KEY (import_id, line);

ALTER TABLE ONLY public.contact_imports
    ADD CONSTRAINT contact_imports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_account_id_number_key UNIQUE (account_id, number);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (account_id, id);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_account_id_number_address_key UNIQUE (account_id, number, address);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (campaign_id, event_id);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (account_id, contact_id);

ALTER TABLE ONLY public.inbound_messages
    ADD CONSTRAINT inbound_messages_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (consumer, event_id);

ALTER TABLE ONLY public.keyword_replies
    ADD CONSTRAINT keyword_replies_pkey PRIMARY KEY (account_id, keyword);

ALTER TABLE ONLY public.moderation_rules
    ADD CONSTRAINT moderation_rules_account_id_kind_value_key UNIQUE (account_id, kind, value);

ALTER TABLE ONLY public.moderation_rules
    ADD CONSTRAINT moderation_rules_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.optouts
    ADD CONSTRAINT optouts_pkey PRIMARY KEY (campaign_id, seq);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.recipients
    ADD CONSTRAINT recipients_pkey PRIMARY KEY (campaign_id, seq);

ALTER TABLE ONLY public.route_health
    ADD CONSTRAINT route_health_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.segment_members
    ADD CONSTRAINT segment_members_pkey PRIMARY KEY (segment_id, contact_id);

ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_account_id_name_key UNIQUE (account_id, name);

ALTER TABLE ONLY public.segments
    ADD CONSTRAINT segments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.senders
    ADD CONSTRAINT senders_account_id_address_key UNIQUE (account_id, address);

ALTER TABLE ONLY public.senders
    ADD CONSTRAINT senders_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.stale_forecasts
    ADD CONSTRAINT stale_forecasts_pkey PRIMARY KEY (campaign_id);

ALTER TABLE ONLY public.suppressions
    ADD CONSTRAINT suppressions_pkey PRIMARY KEY (account_id, number);

ALTER TABLE ONLY public.test_messages
    ADD CONSTRAINT test_messages_pkey PRIMARY KEY (test_id, seq);

ALTER TABLE ONLY public.test_numbers
    ADD CONSTRAINT test_numbers_pkey PRIMARY KEY (account_id, number);

ALTER TABLE ONLY public.test_sends
    ADD CONSTRAINT test_sends_pkey PRIMARY KEY (id);

CREATE INDEX alerts_of_account ON public.alerts USING btree (account_id, id DESC);

CREATE INDEX alerts_open ON public.alerts USING btree (account_id, id DESC) WHERE (resolved_at IS NULL);

CREATE UNIQUE INDEX alerts_open_campaign ON public.alerts USING btree (campaign_id, code) WHERE ((resolved_at IS NULL) AND (pool_id IS NULL));

CREATE UNIQUE INDEX alerts_open_domain ON public.alerts USING btree (account_id, domain_id) WHERE ((resolved_at IS NULL) AND (domain_id IS NOT NULL));

CREATE UNIQUE INDEX alerts_open_pool ON public.alerts USING btree (account_id, pool_id) WHERE ((resolved_at IS NULL) AND (pool_id IS NOT NULL));

CREATE INDEX answers_of_conversation ON public.answers USING btree (conversation_id) WHERE (conversation_id IS NOT NULL);

CREATE INDEX answers_of_number ON public.answers USING btree (account_id, number);

CREATE INDEX batches_outstanding ON public.batches USING btree (campaign_id) WHERE (settled < count);

CREATE INDEX batches_unpublished ON public.batches USING btree (campaign_id, batch_no) WHERE (published_at IS NULL);

CREATE INDEX campaigns_at_work ON public.campaigns USING btree (status) WHERE (status = ANY (ARRAY['processing'::text, 'scheduled'::text, 'started'::text, 'sending'::text, 'suspended'::text]));

CREATE INDEX campaigns_by_created ON public.campaigns USING btree (account_id, created_at, id) WHERE (status <> 'deleted'::text);

CREATE INDEX campaigns_by_name ON public.campaigns USING btree (account_id, lower(name), id) WHERE (status <> 'deleted'::text);

CREATE INDEX campaigns_by_recipients ON public.campaigns USING btree (account_id, COALESCE(recipients, 0), id) WHERE (status <> 'deleted'::text);

CREATE INDEX campaigns_by_status ON public.campaigns USING btree (account_id, status, id) WHERE (status <> 'deleted'::text);

CREATE INDEX campaigns_of_account ON public.campaigns USING btree (account_id, id DESC) WHERE (status <> 'deleted'::text);

CREATE INDEX campaigns_of_sender ON public.campaigns USING btree (sender_id);

CREATE INDEX campaigns_searched ON public.campaigns USING gin (public.search_terms(account_id, name), tags) WHERE (status <> 'deleted'::text);

CREATE INDEX contact_imports_at_work ON public.contact_imports USING btree (touched_at) WHERE (status = ANY (ARRAY['uploading'::text, 'waiting'::text, 'running'::text]));

CREATE INDEX contact_imports_of_account ON public.contact_imports USING btree (account_id, id DESC);

CREATE INDEX contacts_by_tag ON public.contacts USING gin (tags) WHERE (tags <> '{}'::text[]);

CREATE INDEX conversations_newest ON public.conversations USING btree (account_id, last_at DESC, id DESC);

CREATE INDEX conversations_of_campaign ON public.conversations USING btree (campaign_id, last_at DESC, id DESC) WHERE (campaign_id IS NOT NULL);

CREATE INDEX conversations_unread ON public.conversations USING btree (account_id, last_at DESC, id DESC) WHERE (unread > 0);

CREATE INDEX inbound_messages_of_account ON public.inbound_messages USING btree (account_id, id DESC);

CREATE INDEX inbound_messages_of_contact ON public.inbound_messages USING btree (contact_id);

CREATE INDEX inbound_messages_of_conversation ON public.inbound_messages USING btree (conversation_id) WHERE (conversation_id IS NOT NULL);

CREATE INDEX optouts_to_count ON public.optouts USING btree (campaign_id) WHERE (NOT counted);

CREATE INDEX recipients_of_contact ON public.recipients USING btree (contact_id);

CREATE INDEX test_sends_of_account ON public.test_sends USING btree (account_id, created_at);

CREATE INDEX test_sends_of_campaign ON public.test_sends USING btree (campaign_id, id DESC);

CREATE TRIGGER campaign_added AFTER INSERT ON public.campaigns FOR EACH ROW EXECUTE FUNCTION public.count_campaign();

CREATE TRIGGER campaign_deleted AFTER UPDATE OF status ON public.campaigns FOR EACH ROW WHEN (((new.status = 'deleted'::text) AND (old.status <> 'deleted'::text))) EXECUTE FUNCTION public.count_campaign();

ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_campaign_id_content_hash_fkey FOREIGN KEY (campaign_id, content_hash) REFERENCES public.campaign_contents(campaign_id, hash);

ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.campaigns(id);

ALTER TABLE ONLY public.campaign_contents
    ADD CONSTRAINT campaign_contents_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.campaigns(id);

ALTER TABLE ONLY public.campaign_groups
    ADD CONSTRAINT campaign_groups_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.campaigns(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.campaign_history
    ADD CONSTRAINT campaign_history_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.campaigns(id);

ALTER TABLE ONLY public.campaign_progress
    ADD CONSTRAINT campaign_progress_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.campaigns(id);

ALTER TABLE ONLY public.contact_import_chunks
    ADD CONSTRAINT contact_import_chunks_import_id_fkey FOREIGN KEY (import_id) REFERENCES public.contact_imports(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contact_import_rejects
    ADD CONSTRAINT contact_import_rejects_import_id_fkey FOREIGN KEY (import_id) REFERENCES public.contact_imports(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contact_imports
    ADD CONSTRAINT contact_imports_segment_id_fkey FOREIGN KEY (segment_id) REFERENCES public.segments(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.inbound_messages
    ADD CONSTRAINT inbound_messages_account_id_contact_id_fkey FOREIGN KEY (account_id, contact_id) REFERENCES public.contacts(account_id, id) ON DELETE SET NULL (contact_id);

ALTER TABLE ONLY public.stale_forecasts
    ADD CONSTRAINT stale_forecasts_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.campaigns(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.test_messages
    ADD CONSTRAINT test_messages_test_id_fkey FOREIGN KEY (test_id) REFERENCES public.test_sends(id);

ALTER TABLE ONLY public.test_sends
    ADD CONSTRAINT test_sends_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES public.campaigns(id);
