-- Segments by conditions, and who clicked.
ALTER TABLE segments ADD COLUMN filter jsonb;             -- of a dynamic one: domain/segment_filter.py
ALTER TABLE segments ADD COLUMN refreshed_at timestamptz; -- when its members were last looked up

CREATE TABLE clickers (
    campaign_id uuid NOT NULL,
    seq int NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, seq)
);
