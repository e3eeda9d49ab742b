-- Version 6: attachments. Their bytes are sealed files beside the database (store/blobs.rs), named by the digest of what is
-- in them; here stands what of them is on this phone, and what the server has of them.

CREATE TABLE attachment (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    media  TEXT NOT NULL CHECK (media <> ''),
    length INTEGER NOT NULL CHECK (length > 0),
    -- Whether the whole file is here. One that is being fetched lies under another name until it is whole.
    here   INTEGER NOT NULL CHECK (here IN (0, 1)),
    -- `none`: it came from the server. `waiting`: the server has it not, or not whole. `stored`: the server said that it is
    -- durable there. `refused`: it said no; the bytes stay here.
    upload TEXT NOT NULL CHECK (upload IN ('none', 'waiting', 'stored', 'refused')),
    -- How far the server said that it has it. Only for showing: the server is asked each time.
    sent   INTEGER NOT NULL DEFAULT 0 CHECK (sent BETWEEN 0 AND length),
    -- Why it was refused, or what was in the way of the last try: a stable code.
    code   TEXT,
    CHECK (upload <> 'refused' OR code IS NOT NULL)
) STRICT, WITHOUT ROWID;
-- What goes next: small ones first, so that previews and signatures don't wait for films.
CREATE INDEX attachment_waiting ON attachment (length, digest) WHERE upload = 'waiting';

-- Which cases name it, as far as this phone has had to know: under one of them it goes up or comes down. No reference to the
-- document: an attachment that waits outlives a case that was forgotten.
CREATE TABLE attachment_of (
    digest BLOB NOT NULL REFERENCES attachment (digest) ON DELETE CASCADE,
    doc    BLOB NOT NULL CHECK (length(doc) = 16),
    PRIMARY KEY (digest, doc)
) STRICT, WITHOUT ROWID;
