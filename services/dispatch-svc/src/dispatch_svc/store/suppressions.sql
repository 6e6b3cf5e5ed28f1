-- name: change
-- In the order of the numbers, so that two such statements wait for each other and never in a circle.
INSERT INTO suppressions (account_id, number, suppressed, changed_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::boolean[], $4::timestamptz[]) AS new (account_id, number, suppressed, at)
ORDER BY account_id, number
ON CONFLICT (account_id, number) DO UPDATE SET suppressed = excluded.suppressed, changed_at = excluded.changed_at
WHERE suppressions.changed_at <= excluded.changed_at

-- name: among
SELECT number FROM suppressions WHERE account_id = $1 AND number = ANY($2) AND suppressed
