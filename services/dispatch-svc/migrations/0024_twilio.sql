-- Routes that speak Twilio's API.
ALTER TABLE routes DROP CONSTRAINT routes_protocol_check;
ALTER TABLE routes ADD CONSTRAINT routes_protocol_check CHECK (protocol IN ('smpp', 'http', 'twilio'));
