-- What has no rule here stays. Campaigns, their contents, history and progress are what was sent and what it cost.
-- Recipients and deliveries stay since an opt-out URL works for ever and names one of them, and since segments of who received or
-- clicked are made of them; so do opt-outs and suppressions: nobody is texted again because something was forgotten.
-- Tests and answers stay for their cost. The outbox empties by itself.

-- name: uploads
-- Cut off by a crash.
DELETE FROM contact_imports WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM contact_imports WHERE status = 'uploading' AND touched_at < $1 LIMIT $2
))

-- name: contact_import_rejects
DELETE FROM contact_import_rejects WHERE ctid = ANY(ARRAY(
    SELECT r.ctid FROM contact_imports AS i JOIN contact_import_rejects AS r ON r.import_id = i.id
    WHERE i.finished_at <= $1 LIMIT $2
))

-- name: contact_imports
-- What is left of the file of one that failed goes with it.
DELETE FROM contact_imports WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM contact_imports AS i WHERE finished_at <= $1
    AND NOT EXISTS (SELECT FROM contact_import_rejects AS r WHERE r.import_id = i.id) LIMIT $2
))

-- name: alerts
DELETE FROM alerts WHERE ctid = ANY(ARRAY(SELECT ctid FROM alerts WHERE resolved_at < $1 LIMIT $2))

-- name: batches
-- How far each was settled: nothing of these comes any more.
DELETE FROM batches WHERE ctid = ANY(ARRAY(
    SELECT b.ctid FROM campaigns AS c JOIN batches AS b ON b.campaign_id = c.id
    WHERE c.status IN ('finished', 'aborted', 'deleted') AND c.updated_at < $1 LIMIT $2
))

-- name: inbound_messages
-- The oldest come first.
DELETE FROM inbound_messages WHERE id IN (
    SELECT id FROM (SELECT id, at FROM inbound_messages ORDER BY id LIMIT $2) AS oldest WHERE at < $1
)

-- name: answers
-- The row stays for its cost.
UPDATE answers SET number = '', text = '' WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM answers WHERE at < $1 AND number <> '' LIMIT $2
))

-- name: conversations
DELETE FROM conversations WHERE ctid = ANY(ARRAY(SELECT ctid FROM conversations WHERE last_at < $1 LIMIT $2))
