-- Portions in which an audience is sent to, and the test whose winner goes to the rest. `wave` counts those that are over, and
-- `wave_sent_at` is when the last message of the one under way was sent.
ALTER TABLE campaigns
    ADD COLUMN waves jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN winner jsonb,
    ADD COLUMN wave integer NOT NULL DEFAULT 0,
    ADD COLUMN wave_sent_at timestamptz;
-- What stats-svc last said of the variants of a campaign that tests them, and when.
ALTER TABLE campaign_progress ADD COLUMN comparison jsonb, ADD COLUMN compared_at timestamptz;
