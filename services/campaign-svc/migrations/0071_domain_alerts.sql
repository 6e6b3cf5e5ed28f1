-- A domain that fails has an alert, one at a time.
ALTER TABLE alerts ADD COLUMN domain_id uuid;
CREATE UNIQUE INDEX alerts_open_domain ON alerts (account_id, domain_id)
    WHERE resolved_at IS NULL AND domain_id IS NOT NULL;
