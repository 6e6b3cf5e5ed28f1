-- name: add
-- Each once, also when one statement holds it twice.
INSERT INTO inbound_messages (message_id, account_id, route_id, provider_key, from_number, to_address, text, keyword,
    sent_at, received_at)
SELECT new.message_id, $1, $2, new.provider_key, new.from_number, new.to_address, new.text, new.keyword, new.sent_at, $10
FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[])
    AS new (message_id, provider_key, from_number, to_address, text, keyword, sent_at)
ON CONFLICT (route_id, provider_key) DO NOTHING
RETURNING message_id
