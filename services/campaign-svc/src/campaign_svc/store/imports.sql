-- name: add
INSERT INTO contact_imports (id, account_id, status, segment_id, columns, position, created_by, created_at, touched_at)
VALUES ($1, $2, 'uploading', $3, $4, $5, $6, $7, $7)

-- name: add_chunk
INSERT INTO contact_import_chunks (import_id, first_byte, data) VALUES ($1, $2, $3)

-- name: touch
UPDATE contact_imports SET touched_at = $2 WHERE id = $1

-- name: complete
UPDATE contact_imports
SET status = 'waiting', segment_id = $2, bytes_total = $3, lines_total = $4, line = 1, touched_at = $5
WHERE id = $1

-- name: delete
DELETE FROM contact_imports WHERE id = $1

-- name: claim
-- The lock holds while the slice is worked on; a crash frees it. Imports take turns.
SELECT id, account_id, segment_id, columns, bytes_total, position, line, rejected FROM contact_imports
WHERE status IN ('waiting', 'running')
ORDER BY touched_at LIMIT 1
FOR NO KEY UPDATE SKIP LOCKED

-- name: chunks
SELECT first_byte, substring(data FROM greatest($2 - first_byte, 0)::int + 1 FOR $3::int) AS data
FROM contact_import_chunks
WHERE import_id = $1 AND first_byte < $2 + $3 AND first_byte + length(data) > $2
ORDER BY first_byte

-- name: advance
UPDATE contact_imports SET
    status = CASE WHEN $2 = bytes_total THEN 'finished' ELSE 'running' END,
    finished_at = CASE WHEN $2 = bytes_total THEN $9::timestamptz END,
    position = $2,
    line = $3,
    rows_done = rows_done + $4,
    added = added + $5,
    updated = updated + $6,
    repeated = repeated + $7,
    rejected = rejected + $8,
    touched_at = $9
WHERE id = $1

-- name: delete_chunks
DELETE FROM contact_import_chunks WHERE import_id = $1

-- name: fail
UPDATE contact_imports SET status = 'failed', error = $2, finished_at = $3 WHERE id = $1

-- name: find
SELECT id, status, segment_id, columns, bytes_total, position AS bytes_done, lines_total, rows_done, added, updated,
    repeated, rejected, error, created_by, created_at, finished_at
FROM contact_imports WHERE account_id = $1 AND id = $2 AND status <> 'uploading'

-- name: page
SELECT id, status, segment_id, columns, bytes_total, position AS bytes_done, lines_total, rows_done, added, updated,
    repeated, rejected, error, created_by, created_at, finished_at
FROM contact_imports
WHERE account_id = $1 AND status <> 'uploading' AND ($2::uuid IS NULL OR id < $2)
ORDER BY id DESC LIMIT $3

-- name: rejects
SELECT r.line, r.field, r.reason, r.excerpt
FROM contact_import_rejects r JOIN contact_imports i ON i.id = r.import_id
WHERE i.account_id = $1 AND r.import_id = $2 AND r.line > $3
ORDER BY r.line LIMIT $4
