-- name: park
INSERT INTO parked_receipts (account_id, route_id, provider_id, ref, number, sender, status, error, status_at)
SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[])

-- name: take_due
-- Taken out; what matches nothing again is put back by `repark`. Given up after three days.
DELETE FROM parked_receipts WHERE id IN (
    SELECT id FROM parked_receipts WHERE next_try <= now() ORDER BY next_try LIMIT $1 FOR UPDATE SKIP LOCKED
) RETURNING account_id, route_id, provider_id, ref, number, sender, status, error, status_at, parked_at, tries

-- name: repark
-- Tried after 1, 2, 4, ... s, at most an hour.
INSERT INTO parked_receipts (account_id, route_id, provider_id, ref, number, sender, status, error, status_at, parked_at,
    tries, next_try)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 + 1, now() + make_interval(secs => least(3600, 2 ^ least($11, 20)))
WHERE $10 > now() - interval '3 days'
