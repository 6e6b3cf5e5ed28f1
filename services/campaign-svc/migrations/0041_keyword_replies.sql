-- A STOP may be confirmed too, and a reply may be in a language: its key is then `help:fr`. So the key and its index stay
-- what the release before knows.
ALTER TABLE keyword_replies DROP CONSTRAINT keyword_replies_keyword_check;
ALTER TABLE keyword_replies ADD CONSTRAINT keyword_replies_keyword_check
    CHECK (keyword ~ '^(stop|help|start)(:[a-z]{2,3})?$');
