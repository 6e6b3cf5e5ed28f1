-- name: put
INSERT INTO rate_cards (account_id, currency) VALUES ($1, $2)
ON CONFLICT (account_id) DO UPDATE SET currency = excluded.currency, updated_at = now()
RETURNING updated_at

-- name: clear
DELETE FROM rate_card_prices WHERE account_id = $1

-- name: fill
INSERT INTO rate_card_prices (account_id, country, price)
SELECT $1, * FROM unnest($2::text[], $3::numeric[])

-- name: find
SELECT currency, updated_at, country, price
FROM rate_cards LEFT JOIN rate_card_prices USING (account_id)
WHERE account_id = $1
ORDER BY country
