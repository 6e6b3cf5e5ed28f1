-- By id alone, Postgres would rather walk the primary key, past the campaigns of all other accounts.
CREATE INDEX campaigns_by_created ON campaigns (account_id, created_at, id) WHERE status <> 'deleted';
