-- name: park
INSERT INTO parked_receipts (account_id, route_id, provider_id, ref, number, sender, status, error, status_at)
SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[])

-- name: take_due
-- Taken out; what matches nothing again is put back by `repark`. While a slice is on its way that was leased before the
-- receipt came, the receipt may be about that.
DELETE FROM parked_receipts WHERE id IN (
    SELECT id FROM parked_receipts WHERE next_try <= now() ORDER BY next_try LIMIT $1 FOR UPDATE SKIP LOCKED
) RETURNING account_id, route_id, provider_id, ref, number, sender, status, error, status_at, parked_at, tries,
    EXISTS (SELECT FROM slices WHERE state <> 'done' AND leased_at <= parked_at) AND parked_at > now() - interval '10 min'
        AS may_be_early

-- name: take_of_number
DELETE FROM parked_receipts WHERE id IN (
    SELECT DISTINCT ON (provider_id) id FROM parked_receipts
    WHERE route_id = $1 AND number = $2 AND sender = $3 AND provider_id <> ALL($4)
    ORDER BY provider_id, id LIMIT $5
) RETURNING provider_id, ref, number, sender, status, error, status_at

-- name: repark
-- Tried again after a quarter of its age, at least half a second, at most an hour; given up after three days.
INSERT INTO parked_receipts (account_id, route_id, provider_id, ref, number, sender, status, error, status_at, parked_at,
    tries, next_try)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 + 1, now() + greatest(interval '500 ms', least(interval '1 hour', (now() - $10) / 4))
WHERE $10 > now() - interval '3 days'
