-- name: clear_inbound
-- The key may be made of the number; a provider that delivers the message once more has long given up.
UPDATE inbound_messages SET from_number = '', text = '', provider_key = message_id::text
WHERE account_id = $1 AND from_number = $2 AND received_at <= $3

-- name: clear_unknown
UPDATE unknown_messages SET number = '' WHERE account_id = $1 AND number = $2

-- name: clear_parked
-- Providers may spell it without the plus sign.
DELETE FROM parked_receipts WHERE account_id = $1 AND number IN ($2, ltrim($2, '+')) AND parked_at <= $3

-- name: let_go
-- What the erasure itself withheld; what was suppressed later stays so.
DELETE FROM suppressions WHERE account_id = $1 AND number = $2 AND (NOT suppressed OR changed_at <= $3)
