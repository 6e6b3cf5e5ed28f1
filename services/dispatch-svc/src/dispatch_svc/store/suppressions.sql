-- name: change
-- In the order of the numbers, so that two such statements wait for each other and never in a circle.
INSERT INTO suppressions (account_id, number, suppressed, changed_at)
SELECT $1, number, $3, $4 FROM unnest($2::text[]) AS number ORDER BY number
ON CONFLICT (account_id, number) DO UPDATE SET suppressed = excluded.suppressed, changed_at = excluded.changed_at
WHERE suppressions.changed_at <= excluded.changed_at

-- name: among
SELECT number FROM suppressions WHERE account_id = $1 AND number = ANY($2) AND suppressed
