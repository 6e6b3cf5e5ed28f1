-- A sender's pace is the one that its newest piece brought.
CREATE INDEX pieces_newest ON pieces (sender_id, taken_at DESC) INCLUDE (pace);
