-- What the last check of a domain found. Apart from domains, whose rows every batch locks.
CREATE TABLE domain_health (
    domain_id uuid PRIMARY KEY REFERENCES domains (id),
    next_check_at timestamptz NOT NULL,
    checked_at timestamptz,
    problem text,
    certificate_expires_at timestamptz,
    failures integer NOT NULL DEFAULT 0,
    told boolean NOT NULL DEFAULT false
);
CREATE INDEX domain_health_due ON domain_health (next_check_at);
