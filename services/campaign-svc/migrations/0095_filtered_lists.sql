-- Lists by what few rows of many have: what is unread, a campaign's conversations, open alerts.
CREATE INDEX conversations_unread ON conversations (account_id, last_at DESC, id DESC) WHERE unread > 0;
CREATE INDEX conversations_of_campaign ON conversations (campaign_id, last_at DESC, id DESC) WHERE campaign_id IS NOT NULL;
CREATE INDEX alerts_open ON alerts (account_id, id DESC) WHERE resolved_at IS NULL;
