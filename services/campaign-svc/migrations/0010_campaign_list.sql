-- The campaigns page: search, sort, totals, and the click rate beside each campaign.

-- What a search starts from: the account, and every three characters in a row of the name. With an index over these a
-- part of a name is found without reading all names. (pg_trgm does much the same, where it is installed.)
CREATE FUNCTION search_terms(account_id uuid, name text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_append(array_agg(DISTINCT substr(lower(name), i, 3)), account_id::text)
    FROM generate_series(1, length(name) - 2) AS i
$$;
CREATE INDEX campaigns_searched ON campaigns USING gin (search_terms(account_id, name), tags) WHERE status <> 'deleted';
CREATE INDEX campaigns_by_name ON campaigns (account_id, lower(name), id) WHERE status <> 'deleted';
CREATE INDEX campaigns_by_status ON campaigns (account_id, status, id) WHERE status <> 'deleted';
CREATE INDEX campaigns_by_recipients ON campaigns (account_id, coalesce(recipients, 0), id) WHERE status <> 'deleted';
-- Rows change while campaigns are fed; a change that stays on its page touches no index.
ALTER TABLE campaigns SET (fillfactor = 70);

-- How many campaigns an account has, kept so that the page need not count them. A trigger, so that no way to add or
-- delete a campaign can forget it.
CREATE TABLE campaign_totals (
    account_id uuid PRIMARY KEY,
    total int NOT NULL
);
INSERT INTO campaign_totals (account_id, total)
SELECT account_id, count(*) FROM campaigns WHERE status <> 'deleted' GROUP BY account_id;
CREATE FUNCTION count_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaign_totals AS t (account_id, total) VALUES (new.account_id, 1)
    ON CONFLICT (account_id) DO UPDATE SET total = t.total + CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
    RETURN NULL;
END
$$;
CREATE TRIGGER campaign_added AFTER INSERT ON campaigns FOR EACH ROW EXECUTE FUNCTION count_campaign();
CREATE TRIGGER campaign_deleted AFTER UPDATE OF status ON campaigns
    FOR EACH ROW WHEN (new.status = 'deleted' AND old.status <> 'deleted') EXECUTE FUNCTION count_campaign();

-- As stats-svc last told them, at `figures_at`.
ALTER TABLE campaign_progress
    ADD COLUMN delivered int NOT NULL DEFAULT 0,
    ADD COLUMN clickers int NOT NULL DEFAULT 0,
    ADD COLUMN ctr double precision,
    ADD COLUMN figures_at timestamptz;
