-- Figures of all campaigns of an account over time.
CREATE INDEX minutes_of_account ON minutes (account_id, minute);
