-- Version 5: what was found in a damaged database and can't be done again by itself.

-- Each is something a worker wanted, or what is left of it, to be read, exported and handed in by a person; nothing here is
-- ever sent or done by the machine. It goes when somebody says that it was dealt with.
CREATE TABLE packet (
    n       INTEGER PRIMARY KEY,
    -- The document, where that could be read.
    doc     BLOB CHECK (length(doc) = 16),
    kind    TEXT CHECK (kind IN ('case', 'visit', 'household')),
    -- Why it is here: a stable code.
    code    TEXT NOT NULL CHECK (code <> ''),
    -- What was wanted, as it stood in the outbox.
    command BLOB,
    -- The change that it had made.
    bytes   BLOB
) STRICT;
