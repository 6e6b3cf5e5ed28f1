-- Words that mean stop, help or start to an account, beside the built-in ones.
CREATE TABLE keywords (
    account_id uuid NOT NULL,
    plain text NOT NULL,  -- how it is recognised: see domain/keywords.py
    word text NOT NULL,
    keyword text NOT NULL CHECK (keyword IN ('stop', 'help', 'start')),
    language text,
    PRIMARY KEY (account_id, plain)
);
