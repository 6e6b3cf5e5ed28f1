-- The pace of a sender is the newest that is known of it, whatever its pieces were made with. A release that does not know
-- this table goes by the pieces; what it takes meanwhile is found by them.
CREATE TABLE senders (
    sender_id uuid PRIMARY KEY,
    pace integer NOT NULL,  -- parts a second
    version integer NOT NULL
);
