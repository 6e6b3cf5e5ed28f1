-- A request in progress is held by the process that carries it out, for as long as that lives.
ALTER TABLE idempotency ADD COLUMN held_by uuid, ADD COLUMN held_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX idempotency_in_progress ON idempotency (held_by) WHERE status IS NULL;
