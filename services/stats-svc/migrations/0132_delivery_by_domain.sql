-- Delivery by domain: receipts name the domain from now on.
ALTER TABLE domains
    ADD COLUMN submitted_with_receipts bigint NOT NULL DEFAULT 0,
    ADD COLUMN delivered bigint NOT NULL DEFAULT 0,
    ADD COLUMN undelivered bigint NOT NULL DEFAULT 0;
