-- The audience: contacts, segments, suppressions, imports of contacts, sender IDs, messages from people.

CREATE TABLE contacts (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    number text NOT NULL,                     -- E.164
    country char(2) NOT NULL,                 -- of the number
    attributes jsonb NOT NULL DEFAULT '{}',   -- {name: string}
    tags text[] NOT NULL DEFAULT '{}',
    timezone text,                            -- IANA name
    import_id uuid,                           -- the last import that wrote it: finds numbers repeated within a file
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (account_id, number)
);
CREATE INDEX contacts_of_account ON contacts (account_id, id DESC);
CREATE INDEX contacts_by_tag ON contacts USING gin (tags) WHERE tags <> '{}';  -- most have none

-- The names that templates of the account may use.
CREATE TABLE attribute_names (
    account_id uuid NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (account_id, name)
);

CREATE TABLE segments (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL DEFAULT 'static',
    created_at timestamptz NOT NULL,
    UNIQUE (account_id, name)
);

CREATE TABLE segment_members (
    segment_id uuid NOT NULL REFERENCES segments ON DELETE CASCADE,
    contact_id uuid NOT NULL REFERENCES contacts ON DELETE CASCADE,
    PRIMARY KEY (segment_id, contact_id)
);
CREATE INDEX segment_members_of_contact ON segment_members (contact_id);

CREATE TABLE suppressions (
    account_id uuid NOT NULL,
    number text NOT NULL,
    reason text NOT NULL,
    campaign_id uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, number)
);

CREATE TABLE senders (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    address text NOT NULL,
    kind text NOT NULL,
    parts_per_second int NOT NULL,
    countries text[],                         -- where it is valid; null: everywhere
    created_at timestamptz NOT NULL,
    UNIQUE (account_id, address)
);

-- uploading -> waiting -> running -> finished | failed. Everything before `position` is committed.
CREATE TABLE contact_imports (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    status text NOT NULL,
    segment_id uuid REFERENCES segments ON DELETE SET NULL,
    columns jsonb,                            -- which column is what: domain/csv_header.py
    bytes_total bigint NOT NULL DEFAULT 0,
    position bigint NOT NULL DEFAULT 0,       -- bytes done; always at the beginning of a row
    lines_total bigint NOT NULL DEFAULT 0,
    line bigint NOT NULL DEFAULT 0,           -- lines done
    rows_done bigint NOT NULL DEFAULT 0,
    added bigint NOT NULL DEFAULT 0,
    updated bigint NOT NULL DEFAULT 0,
    repeated bigint NOT NULL DEFAULT 0,       -- rows whose number came again further down: the last row wins
    rejected bigint NOT NULL DEFAULT 0,
    error text,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    touched_at timestamptz NOT NULL,          -- when it last had its turn
    finished_at timestamptz
);
CREATE INDEX contact_imports_of_account ON contact_imports (account_id, id DESC);
CREATE INDEX contact_imports_at_work ON contact_imports (touched_at) WHERE status IN ('uploading', 'waiting', 'running');

-- The uploaded file, in pieces, until the import is finished.
CREATE TABLE contact_import_chunks (
    import_id uuid NOT NULL REFERENCES contact_imports ON DELETE CASCADE,
    first_byte bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (import_id, first_byte)
);
-- Parts of a piece are read without reading (and inflating) all of it.
ALTER TABLE contact_import_chunks ALTER COLUMN data SET STORAGE EXTERNAL;

-- At most 100,000 an import; contact_imports.rejected counts them all.
CREATE TABLE contact_import_rejects (
    import_id uuid NOT NULL REFERENCES contact_imports ON DELETE CASCADE,
    line bigint NOT NULL,                     -- of the file, from 1
    field text NOT NULL,
    reason text NOT NULL,
    excerpt text NOT NULL,
    PRIMARY KEY (import_id, line)
);

CREATE TABLE inbound_messages (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    from_number text NOT NULL,
    to_address text NOT NULL,
    text text NOT NULL,
    keyword text,
    campaign_id uuid,
    contact_id uuid REFERENCES contacts ON DELETE SET NULL,
    at timestamptz NOT NULL
);
CREATE INDEX inbound_messages_of_account ON inbound_messages (account_id, id DESC);
CREATE INDEX inbound_messages_of_contact ON inbound_messages (contact_id);
