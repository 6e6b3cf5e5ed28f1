-- Messages whose receipt says that they did not arrive, as stats-svc last told: they count as failures, too.
ALTER TABLE campaign_progress ADD COLUMN undelivered integer NOT NULL DEFAULT 0;
