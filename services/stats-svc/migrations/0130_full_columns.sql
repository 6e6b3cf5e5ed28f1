-- Clicks know the recipient's country from now on (NULL: from before). Who clicked is counted in a minute and a country,
-- and stays there until the clicks are judged otherwise.
ALTER TABLE clicks ADD COLUMN country text;
ALTER TABLE clickers ADD COLUMN country text, ADD COLUMN at timestamptz;

-- In the order in which events are counted: who waits for whom is never a circle.
ALTER TABLE domains
    ADD COLUMN failed bigint NOT NULL DEFAULT 0,
    ADD COLUMN parts bigint NOT NULL DEFAULT 0,
    ADD COLUMN clickers bigint NOT NULL DEFAULT 0;
ALTER TABLE minutes
    ADD COLUMN failed bigint NOT NULL DEFAULT 0,
    ADD COLUMN undelivered bigint NOT NULL DEFAULT 0,
    ADD COLUMN parts bigint NOT NULL DEFAULT 0,
    ADD COLUMN clickers bigint NOT NULL DEFAULT 0,
    ADD COLUMN replies bigint NOT NULL DEFAULT 0;
ALTER TABLE figures ADD COLUMN replies bigint NOT NULL DEFAULT 0;

-- What a minute cost, apart from its counts: an account may pay in several currencies.
CREATE TABLE costs (
    campaign_id uuid NOT NULL,
    minute timestamptz NOT NULL,
    currency text NOT NULL,
    account_id uuid NOT NULL,
    cost numeric NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign_id, minute, currency)
) WITH (fillfactor = 50);
CREATE INDEX costs_of_account ON costs (account_id, minute);
