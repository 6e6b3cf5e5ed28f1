-- name: add
INSERT INTO inbound_messages (id, account_id, from_number, to_address, text, keyword, campaign_id, contact_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
RETURNING true

-- name: answered
-- The contact, and the latest launched campaign that has it among its recipients.
SELECT c.id AS contact_id, (
    SELECT r.campaign_id FROM recipients r JOIN campaigns k ON k.id = r.campaign_id
    WHERE r.contact_id = c.id AND k.account_id = $1 AND k.launched_at <= $3
    ORDER BY k.launched_at DESC LIMIT 1
) AS campaign_id
FROM contacts c WHERE c.account_id = $1 AND c.number = $2
