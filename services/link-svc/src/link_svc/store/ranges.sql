-- name: first_time
INSERT INTO taken (campaign_id, first_seq, content_version) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true

-- name: revised
UPDATE taken SET content_version = $3 WHERE campaign_id = $1 AND first_seq = $2 AND content_version < $3 RETURNING true

-- name: add
INSERT INTO ranges (domain_id, start, count, account_id, campaign_id, first_seq, kind, target_url, variants,
                    created_at, expires_at, links, countries, languages, key_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)

-- name: recorded
SELECT first_seq, count, kind, domain_id, host, ranges.key_id, start, links
FROM ranges JOIN domains ON domains.id = domain_id
WHERE campaign_id = $1 AND first_seq >= $2 AND first_seq < $2 + $3
ORDER BY first_seq

-- name: holding
SELECT start, count, account_id, campaign_id, first_seq, kind, target_url, variants, expires_at, links, countries, languages,
    key_id
FROM ranges
WHERE domain_id = $1 AND start <= $2 ORDER BY start DESC LIMIT 1

-- name: add_values
INSERT INTO target_values (domain_id, start, account_id, created_at, numbers, fields, "values")
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: values_of
SELECT fields, "values" -> $3::int AS "values" FROM target_values WHERE domain_id = $1 AND start = $2

-- name: forget_values
UPDATE target_values SET
    "values" = jsonb_set("values", ARRAY[(array_position(numbers, $2) - 1)::text], '[]'),
    numbers[array_position(numbers, $2)] = ''
WHERE account_id = $1 AND numbers @> ARRAY[$2] AND created_at <= $3
