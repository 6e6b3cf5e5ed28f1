-- name: add
INSERT INTO inbound_messages (message_id, account_id, route_id, provider_key, from_number, to_address, text, keyword,
    sent_at, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (route_id, provider_key) DO NOTHING
RETURNING message_id
