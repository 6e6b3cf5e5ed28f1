-- name: clear
DELETE FROM keywords WHERE account_id = $1

-- name: fill
INSERT INTO keywords (account_id, plain, word, keyword, language)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[])

-- name: own
SELECT word, keyword, language FROM keywords WHERE account_id = $1 ORDER BY keyword, language, plain

-- name: among
SELECT plain, word, keyword, language FROM keywords WHERE account_id = $1 AND plain = ANY ($2::text[])
