-- Clicks can be judged again: each says by which version of the rules it was (0: from before they had versions).
ALTER TABLE clicks ADD COLUMN rules integer NOT NULL DEFAULT 0;

-- A recount goes through a campaign recipient by recipient. It also serves what asks for all clicks of a campaign.
CREATE INDEX clicks_of_recipient ON clicks (campaign_id, seq);
DROP INDEX clicks_of_campaign;

-- Whose human click is kept no more counts for good: nobody can judge it again.
ALTER TABLE clickers ADD COLUMN settled boolean NOT NULL DEFAULT false;

-- Old clicks are found by their time; they come nearly in its order.
CREATE INDEX clicks_at ON clicks USING brin (at);

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    key bytea NOT NULL,
    value bytea NOT NULL,
    headers jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
