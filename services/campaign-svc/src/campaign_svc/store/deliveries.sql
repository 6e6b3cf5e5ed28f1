-- name: add
INSERT INTO deliveries (campaign_id, event_id, seqs, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
