-- The number of the person whom an event is about, where it is about one: so it can be taken out when they are erased.
ALTER TABLE webhook_deliveries ADD COLUMN number text;
CREATE INDEX webhook_deliveries_of_number ON webhook_deliveries (number) WHERE number IS NOT NULL;
