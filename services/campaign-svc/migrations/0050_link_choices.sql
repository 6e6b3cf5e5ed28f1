-- UTM parameters of the target URL, and the days after which short URLs stop working (NULL: with all others).
ALTER TABLE campaigns ADD COLUMN utm jsonb, ADD COLUMN links_expire_after integer;
