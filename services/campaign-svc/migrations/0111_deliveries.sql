-- Whom a provider says to have reached, and when: one row an event, since a row a message would cost as much as sending it.
CREATE TABLE deliveries (
    campaign_id uuid NOT NULL,
    event_id text NOT NULL,
    seqs integer[] NOT NULL,
    at timestamptz[] NOT NULL,
    PRIMARY KEY (campaign_id, event_id)
);
