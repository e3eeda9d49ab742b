-- Version 1: the tables of a device's store.
--
-- Documents, changes, commands, bundles, ceremonies and the directory are bytes here; the list row is the one record
-- whose fields this file knows. Constraints hold what must be true whatever the code above does.

-- What the device remembers about itself: who it is, its clock, where the pull stands.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY CHECK (name <> ''),
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The directory as the server last sent it: one record, replaced whole.
CREATE TABLE directory (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL CHECK (version >= 0),
    bytes   BLOB NOT NULL
) STRICT;

-- One small row a document. The bytes live elsewhere, so that a tap rewrites this page and not a whole save.
CREATE TABLE document (
    doc       BLOB PRIMARY KEY CHECK (length(doc) = 16),
    kind      TEXT NOT NULL CHECK (kind IN ('case', 'visit')),
    -- Hashes, 32 bytes each, that the loaded document must have: the check that nothing is missing from the bytes.
    heads     BLOB NOT NULL CHECK (length(heads) % 32 = 0),
    -- Whom this installation writes as in this document; none until it has written.
    actor     BLOB CHECK (length(actor) = 16),
    -- Grows whenever the content changes: what was loaded before is known to be stale.
    revision  INTEGER NOT NULL CHECK (revision > 0),
    -- Pulled bytes are stored without being loaded, hence unverified until somebody opens the document.
    trust     TEXT NOT NULL CHECK (trust IN ('verified', 'unverified', 'unreadable')),
    fault     TEXT CHECK ((fault IS NOT NULL) = (trust = 'unreadable')),
    -- Whether the server was ever seen to have it. What it never had is not the server's to take away.
    on_server INTEGER NOT NULL CHECK (on_server IN (0, 1)),
    -- Out of scope, but something unsent keeps it here.
    leaving   INTEGER NOT NULL DEFAULT 0 CHECK (leaving IN (0, 1)),
    -- A refetch is under way and the server has not sent it yet.
    unseen    INTEGER NOT NULL DEFAULT 0 CHECK (unseen IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX document_leaving ON document (doc) WHERE leaving = 1;
CREATE INDEX document_unseen ON document (doc) WHERE unseen = 1;
CREATE INDEX document_unreadable ON document (doc) WHERE trust = 'unreadable';

-- The compacted part of a document. A document that only this device knows may have none yet: it is all tail.
CREATE TABLE saved (
    doc   BLOB PRIMARY KEY REFERENCES document (doc) ON DELETE CASCADE,
    bytes BLOB NOT NULL
) STRICT;

-- Every change that came by itself, own or pulled. `tail`: its bytes follow the save. `saved`: the save has it. `out`: it
-- was taken out of the document after the server refused it. Own changes keep their bytes for as long as the
-- document is here, because a restored server may ask for them again; of pulled ones only the hash stays.
CREATE TABLE change (
    n     INTEGER PRIMARY KEY,
    doc   BLOB NOT NULL REFERENCES document (doc) ON DELETE CASCADE,
    hash  BLOB NOT NULL CHECK (length(hash) = 32),
    actor BLOB CHECK (length(actor) = 16),
    seq   INTEGER CHECK (seq > 0),
    place TEXT NOT NULL CHECK (place IN ('tail', 'saved', 'out')),
    bytes BLOB,
    CHECK ((actor IS NULL) = (seq IS NULL)),
    CHECK (bytes IS NOT NULL OR (place = 'saved' AND actor IS NULL)),
    UNIQUE (doc, hash)
) STRICT;
-- An actor's number is used once. A change that was taken out gives its number back.
CREATE UNIQUE INDEX change_number ON change (doc, actor, seq) WHERE actor IS NOT NULL AND place <> 'out';
CREATE INDEX change_tail ON change (doc, n) WHERE place = 'tail';

-- What the server has not answered for, with the command that made it. No cascade: SQLite itself refuses to delete a
-- document that something here still belongs to.
CREATE TABLE outbox (
    n       INTEGER PRIMARY KEY REFERENCES change (n) ON DELETE RESTRICT,
    doc     BLOB NOT NULL,
    state   TEXT NOT NULL CHECK (state IN ('waiting', 'wanted', 'set_aside')),
    command BLOB NOT NULL,
    -- Why it was set aside: a stable code, and codes of what it is about (CBOR list of texts).
    code    TEXT,
    about   BLOB,
    -- Hashes that the server wants first.
    wanted  BLOB CHECK (length(wanted) % 32 = 0),
    CHECK ((code IS NOT NULL) = (state = 'set_aside')),
    CHECK ((about IS NOT NULL) = (state = 'set_aside')),
    CHECK ((wanted IS NOT NULL) = (state = 'wanted'))
) STRICT;
CREATE INDEX outbox_doc ON outbox (doc, n);
CREATE INDEX outbox_state ON outbox (state, n);

-- Own changes that the server answered for: with their commands they can be queued again for a restored server.
CREATE TABLE sent (
    n       INTEGER PRIMARY KEY REFERENCES change (n) ON DELETE CASCADE,
    doc     BLOB NOT NULL,
    command BLOB NOT NULL
) STRICT;
CREATE INDEX sent_doc ON sent (doc, n);

-- The projection: what lists filter and sort by as columns, the whole record as CBOR beside them.
CREATE TABLE list_row (
    doc       BLOB PRIMARY KEY REFERENCES document (doc) ON DELETE CASCADE,
    kind      TEXT NOT NULL CHECK (kind IN ('case', 'visit')),
    stage     TEXT NOT NULL,
    updated   INTEGER NOT NULL CHECK (updated >= 0),
    due       INTEGER,
    holder    TEXT,
    community TEXT,
    grid      TEXT,
    assignee  TEXT,
    look      INTEGER NOT NULL CHECK (look IN (0, 1)),
    title     TEXT NOT NULL,
    record    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- A page of a list, narrowed or searched, comes from this index alone, read in order: no lookup, no sort. Narrowing
-- reads past what does not fit (about 10 ms for 10,000 rows); an index a filter would cost every tap.
CREATE INDEX list_newest ON list_row
    (kind, updated DESC, doc DESC, stage, holder, community, grid, assignee, due, look, title, record);
CREATE INDEX list_due ON list_row (kind, due, doc) WHERE due IS NOT NULL;

-- Sealed agreements, named by their digest. Evidence: written once, then neither changed nor deleted.
CREATE TABLE bundle (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    bytes  BLOB NOT NULL
) STRICT;
CREATE TRIGGER bundle_no_update BEFORE UPDATE ON bundle
BEGIN SELECT RAISE(ABORT, 'a bundle does not change'); END;
CREATE TRIGGER bundle_no_delete BEFORE DELETE ON bundle
BEGIN SELECT RAISE(ABORT, 'a bundle is not deleted'); END;
-- INSERT OR REPLACE deletes without asking the trigger above; this one it has to pass.
CREATE TRIGGER bundle_no_replace BEFORE INSERT ON bundle
WHEN EXISTS (SELECT 1 FROM bundle WHERE digest = NEW.digest)
BEGIN SELECT RAISE(ABORT, 'a bundle is not replaced'); END;

-- Which bundles travel with which own change.
CREATE TABLE carried (
    n      INTEGER NOT NULL REFERENCES change (n) ON DELETE CASCADE,
    digest BLOB NOT NULL REFERENCES bundle (digest),
    PRIMARY KEY (n, digest)
) STRICT, WITHOUT ROWID;

-- A signing ceremony under way: survives a phone call, a kill, a dead battery.
CREATE TABLE ceremony (
    doc   BLOB PRIMARY KEY CHECK (length(doc) = 16),
    bytes BLOB NOT NULL
) STRICT;
