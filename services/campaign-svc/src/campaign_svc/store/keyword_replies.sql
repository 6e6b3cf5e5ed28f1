-- name: all
SELECT split_part(keyword, ':', 1) AS keyword, nullif(split_part(keyword, ':', 2), '') AS language, text, changed_at,
    changed_by
FROM keyword_replies WHERE account_id = $1 ORDER BY keyword_replies.keyword

-- name: find
-- In the language of the keyword ($3), else the one for all.
SELECT text FROM keyword_replies WHERE account_id = $1 AND keyword IN ($2, $2 || ':' || $3::text)
ORDER BY length(keyword) DESC LIMIT 1

-- name: put
INSERT INTO keyword_replies (account_id, keyword, text, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (account_id, keyword) DO UPDATE
SET text = excluded.text, changed_at = excluded.changed_at, changed_by = excluded.changed_by

-- name: drop
DELETE FROM keyword_replies WHERE account_id = $1 AND keyword = $2

-- name: account_name
SELECT name FROM account_names WHERE account_id = $1

-- name: name_account
INSERT INTO account_names (account_id, name) VALUES ($1, $2)
ON CONFLICT (account_id) DO UPDATE SET name = excluded.name WHERE account_names.name <> excluded.name
