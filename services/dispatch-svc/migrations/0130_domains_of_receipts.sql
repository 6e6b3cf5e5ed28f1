-- A receipt tells by which domain's links its message went (NULL: none, or from before), so that delivery is known by domain.
ALTER TABLE message_parts ADD COLUMN short_domain_id uuid;
