-- What an account and a person write to each other under one sender ID. `address` is the sender ID as providers spell it.
CREATE TABLE conversations (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    number text NOT NULL,
    address text NOT NULL,
    contact_id uuid,
    campaign_id uuid,
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
    assigned_to text,
    unread integer NOT NULL DEFAULT 0,
    last_text text NOT NULL,
    last_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (account_id, number, address)
);
CREATE INDEX conversations_newest ON conversations (account_id, last_at DESC, id DESC);

ALTER TABLE inbound_messages ADD COLUMN conversation_id uuid;
CREATE INDEX inbound_messages_of_conversation ON inbound_messages (conversation_id) WHERE conversation_id IS NOT NULL;

-- What was sent to one person beside all campaigns: by an agent, or by Volley itself in answer to a keyword (then there
-- may be no conversation). The id takes a campaign's place on its way to the provider.
CREATE TABLE answers (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    conversation_id uuid,
    number text NOT NULL,
    text text NOT NULL,
    author text NOT NULL,
    at timestamptz NOT NULL,
    outcome text,
    error text,
    parts integer NOT NULL DEFAULT 0,
    cost numeric NOT NULL DEFAULT 0,
    currency text
);
CREATE INDEX answers_of_conversation ON answers (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX answers_of_number ON answers (account_id, number);

-- What Volley answers to HELP and START by itself, if the account has said so.
CREATE TABLE keyword_replies (
    account_id uuid NOT NULL,
    keyword text NOT NULL CHECK (keyword IN ('help', 'start')),
    text text NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (account_id, keyword)
);
