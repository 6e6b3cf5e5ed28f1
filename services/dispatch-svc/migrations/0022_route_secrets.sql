-- The secrets of a route's configuration, sealed (domain/vault.py), where the service has keys. Else they are in `config`.
ALTER TABLE routes ADD COLUMN secrets bytea;
