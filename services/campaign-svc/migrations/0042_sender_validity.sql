-- How many seconds a message of the sender may wait until it is handed over; null: for ever.
ALTER TABLE senders ADD COLUMN validity_s integer;
