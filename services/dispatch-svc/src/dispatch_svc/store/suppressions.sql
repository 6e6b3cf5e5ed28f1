-- name: change
INSERT INTO suppressions (account_id, number, suppressed, changed_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (account_id, number) DO UPDATE SET suppressed = excluded.suppressed, changed_at = excluded.changed_at
WHERE suppressions.changed_at <= excluded.changed_at

-- name: among
SELECT number FROM suppressions WHERE account_id = $1 AND number = ANY($2) AND suppressed
