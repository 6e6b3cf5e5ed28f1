-- Campaigns whose forecast is to be made anew from `at` on. `holds`: what a message costs at most is not known until then,
-- so that nothing more is fed for a budget.
CREATE TABLE stale_forecasts (
    campaign_id uuid PRIMARY KEY REFERENCES campaigns (id) ON DELETE CASCADE,
    at timestamptz NOT NULL,
    holds boolean NOT NULL
);
