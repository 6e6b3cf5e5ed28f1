-- What the placeholders of a target URL need of the recipients of a range; only where the target has some.
CREATE TABLE target_values (
    domain_id uuid NOT NULL,
    start bigint NOT NULL,
    account_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    numbers text[] NOT NULL, -- whose they are: who is erased is found by it
    fields text[] NOT NULL,
    "values" jsonb NOT NULL, -- one array a recipient
    PRIMARY KEY (domain_id, start)
);
CREATE INDEX target_values_of_number ON target_values USING gin (numbers);
