-- Links that expired are found by when they did.
CREATE INDEX ranges_expiring ON ranges (expires_at) WHERE expires_at IS NOT NULL;
