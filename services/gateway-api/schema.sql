-- The result of the migrations; written by `python -m volley_tools.schema`.

CREATE TABLE public.accounts (
    id uuid NOT NULL,
    name text NOT NULL,
    platform boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT accounts_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

CREATE TABLE public.api_keys (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL,
    digest bytea NOT NULL,
    role text NOT NULL,
    bootstrap boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    scopes text[],
    rate_per_second double precision,
    user_id uuid,
    expires_at timestamp with time zone,
    CONSTRAINT api_keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100))),
    CONSTRAINT api_keys_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'reviewer'::text, 'admin'::text])))
);

CREATE TABLE public.audit (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    actor text NOT NULL,
    role text NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    status smallint,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.audit_chain (
    account_id uuid NOT NULL,
    seq bigint NOT NULL,
    fact text NOT NULL,
    hash bytea NOT NULL
);

CREATE TABLE public.audit_heads (
    account_id uuid NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL
);

CREATE TABLE public.guests (
    account_id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    joined_at timestamp with time zone,
    disabled_at timestamp with time zone,
    invitation bytea,
    invited_until timestamp with time zone,
    CONSTRAINT guests_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'reviewer'::text, 'admin'::text])))
);

CREATE TABLE public.idempotency (
    account_id uuid NOT NULL,
    key text NOT NULL,
    fingerprint bytea,
    status smallint,
    headers jsonb,
    body bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    held_by uuid,
    held_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.users (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    password text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    disabled_at timestamp with time zone,
    invitation bytea,
    invited_until timestamp with time zone,
    CONSTRAINT users_email_check CHECK ((email = lower(email))),
    CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'reviewer'::text, 'admin'::text])))
);

CREATE VIEW public.members AS
 SELECT users.id,
    users.account_id,
    users.email,
    users.name,
    users.role,
    (users.password IS NOT NULL) AS joined,
    false AS guest,
    users.created_at,
    users.disabled_at
   FROM public.users
UNION ALL
 SELECT g.user_id AS id,
    g.account_id,
    u.email,
    g.name,
    g.role,
    (g.joined_at IS NOT NULL) AS joined,
    true AS guest,
    g.created_at,
    g.disabled_at
   FROM (public.guests g
     JOIN public.users u ON ((u.id = g.user_id)));

CREATE TABLE public.sessions (
    digest bytea NOT NULL,
    user_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    guest_id uuid,
    account_id uuid,
    CONSTRAINT sessions_check CHECK ((((user_id IS NULL) = (guest_id IS NOT NULL)) AND ((guest_id IS NULL) = (account_id IS NULL))))
);

CREATE VIEW public.valid_keys AS
 SELECT k.id
   FROM ((public.api_keys k
     LEFT JOIN public.users u ON (((u.id = k.user_id) AND (u.account_id = k.account_id))))
     LEFT JOIN public.guests g ON (((g.user_id = k.user_id) AND (g.account_id = k.account_id))))
  WHERE ((k.revoked_at IS NULL) AND ((k.expires_at IS NULL) OR (k.expires_at > now())) AND ((k.user_id IS NULL) OR ((u.id IS NOT NULL) AND (u.disabled_at IS NULL)) OR ((g.user_id IS NOT NULL) AND (g.disabled_at IS NULL))));

CREATE TABLE public.webhook_deliveries (
    id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    event_id text NOT NULL,
    event_type text NOT NULL,
    body text NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    attempts jsonb DEFAULT '[]'::jsonb NOT NULL,
    tried integer DEFAULT 0 NOT NULL,
    next_at timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    number text,
    CONSTRAINT webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);

CREATE TABLE public.webhooks (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    url text NOT NULL,
    events text[] NOT NULL,
    secret text NOT NULL,
    previous_secret text,
    previous_until timestamp with time zone,
    active boolean DEFAULT true NOT NULL,
    paused_because text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT webhooks_events_check CHECK ((cardinality(events) > 0))
);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_name_key UNIQUE (name);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_prefix_key UNIQUE (prefix);

ALTER TABLE ONLY public.audit_chain
    ADD CONSTRAINT audit_chain_pkey PRIMARY KEY (account_id, seq);

ALTER TABLE ONLY public.audit_heads
    ADD CONSTRAINT audit_heads_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.guests
    ADD CONSTRAINT guests_invitation_key UNIQUE (invitation);

ALTER TABLE ONLY public.guests
    ADD CONSTRAINT guests_pkey PRIMARY KEY (account_id, user_id);

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (account_id, key);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key UNIQUE (email);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_invitation_key UNIQUE (invitation);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_webhook_id_event_id_key UNIQUE (webhook_id, event_id);

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT webhooks_pkey PRIMARY KEY (id);

CREATE INDEX api_keys_of_account ON public.api_keys USING btree (account_id, id);

CREATE INDEX audit_of_account ON public.audit USING btree (account_id, id DESC);

CREATE INDEX guests_of_user ON public.guests USING btree (user_id);

CREATE INDEX idempotency_created_at ON public.idempotency USING btree (created_at);

CREATE INDEX idempotency_in_progress ON public.idempotency USING btree (held_by) WHERE (status IS NULL);

CREATE UNIQUE INDEX one_platform ON public.accounts USING btree (platform) WHERE platform;

CREATE INDEX sessions_expires_at ON public.sessions USING btree (expires_at);

CREATE INDEX sessions_of_guest ON public.sessions USING btree (guest_id) WHERE (guest_id IS NOT NULL);

CREATE INDEX sessions_of_user ON public.sessions USING btree (user_id);

CREATE INDEX users_of_account ON public.users USING btree (account_id, id);

CREATE INDEX webhook_deliveries_created_at ON public.webhook_deliveries USING btree (created_at);

CREATE INDEX webhook_deliveries_failed ON public.webhook_deliveries USING btree (webhook_id, created_at DESC, id DESC) WHERE (status = 'failed'::text);

CREATE INDEX webhook_deliveries_newest ON public.webhook_deliveries USING btree (webhook_id, created_at DESC, id DESC);

CREATE INDEX webhook_deliveries_of_number ON public.webhook_deliveries USING btree (number) WHERE (number IS NOT NULL);

CREATE INDEX webhook_deliveries_pending ON public.webhook_deliveries USING btree (webhook_id, next_at) WHERE (status = 'pending'::text);

CREATE INDEX webhooks_of_account ON public.webhooks USING btree (account_id, id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.guests
    ADD CONSTRAINT guests_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.guests
    ADD CONSTRAINT guests_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_account_id_guest_id_fkey FOREIGN KEY (account_id, guest_id) REFERENCES public.guests(account_id, user_id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES public.webhooks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT webhooks_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);
