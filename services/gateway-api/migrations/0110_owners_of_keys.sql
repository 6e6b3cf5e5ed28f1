-- The user whom a key belongs to: what it does is theirs where two people must agree. Null: of nobody by name.
ALTER TABLE api_keys ADD COLUMN user_id uuid REFERENCES users (id);
