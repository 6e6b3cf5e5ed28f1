-- The least budget with which another message of the campaign can be sent, as dispatch-svc told; NULL: it told nothing.
ALTER TABLE campaign_progress ADD COLUMN budget_needed numeric;
-- Budgets are kept where messages are handed over: no forecast holds anything back. The column goes with a later release.
ALTER TABLE stale_forecasts ALTER COLUMN holds SET DEFAULT false;
