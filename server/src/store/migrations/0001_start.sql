-- Doorstep's server database, version 1. One file, WAL, synchronous=FULL, one writer.
-- STRICT everywhere: a wrong type is a bug to hear of now, not in a year.

-- What there is one of: `epoch` (16 random bytes: a restored or new server has another, so that phones notice).
CREATE TABLE meta (
  key   TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Every version of the directory is kept: who was allowed what, then, must be answerable years later.
CREATE TABLE directory (
  version INTEGER NOT NULL PRIMARY KEY CHECK (version > 0),
  bytes   BLOB    NOT NULL,
  at      INTEGER NOT NULL
) STRICT;

-- Enrolment codes, hashed: a copy of this file enrols nobody. `hash_long` is the QR code's 128-bit secret,
-- `hash_short` the typed fallback, which is short enough to guess and therefore counts `tries`.
CREATE TABLE code (
  n          INTEGER NOT NULL PRIMARY KEY,
  hash_long  BLOB    NOT NULL UNIQUE CHECK (length(hash_long) = 32),
  hash_short BLOB    NOT NULL CHECK (length(hash_short) = 32),
  person     TEXT    NOT NULL,
  expires    INTEGER NOT NULL,
  tries      INTEGER NOT NULL DEFAULT 0,
  used_at    INTEGER
) STRICT;
CREATE INDEX code_by_short ON code (hash_short);

-- Enrolled devices. Revoked ones stay: their changes must keep an author.
CREATE TABLE device (
  id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  person      TEXT    NOT NULL,
  public_key  BLOB    NOT NULL CHECK (length(public_key) = 33),
  label       TEXT    NOT NULL,
  enrolled_at INTEGER NOT NULL,
  revoked_at  INTEGER
) STRICT;

CREATE INDEX device_by_person ON device (person);

-- Tokens, hashed, for pulls; short-lived, swept when new ones are given.
CREATE TABLE token (
  hash    BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
  device  BLOB    NOT NULL REFERENCES device (id),
  person  TEXT    NOT NULL,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX token_by_expiry ON token (expires);

-- One line a document: what a pull needs to decide, without its bytes.
CREATE TABLE doc (
  n         INTEGER NOT NULL PRIMARY KEY,
  id        BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  kind      TEXT    NOT NULL CHECK (kind IN ('case', 'visit')),
  first_seq INTEGER NOT NULL,
  last_seq  INTEGER NOT NULL CHECK (last_seq >= first_seq),
  n_changes INTEGER NOT NULL,
  heads     BLOB    NOT NULL CHECK (length(heads) % 32 = 0),
  row       BLOB    NOT NULL,
  -- When the first of the orgs that still see it, though it came back from them, gave it back (milliseconds): policy
  -- lets them see it some days more, then it leaves their scope without a change having come.
  back_since INTEGER
) STRICT;
CREATE INDEX doc_by_return ON doc (back_since) WHERE back_since IS NOT NULL;

-- The compacted part of a document: everything up to and including change `through_seq` as one save. Its tail is not
-- stored twice: it is the document's changes after `through_seq`. In a table of its own so that a new change does
-- not rewrite it.
CREATE TABLE saved (
  doc         INTEGER NOT NULL PRIMARY KEY REFERENCES doc (n),
  through_seq INTEGER NOT NULL,
  bytes       BLOB    NOT NULL
) STRICT;

-- The log. `seq` is given by the one writer, inside the transaction that makes it visible: who has read up to a
-- number has missed nothing below it. AUTOINCREMENT: a number is never given twice, whatever is erased later.
CREATE TABLE change (
  seq         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  doc         INTEGER NOT NULL REFERENCES doc (n),
  hash        BLOB    NOT NULL CHECK (length(hash) = 32),
  actor       BLOB    NOT NULL CHECK (length(actor) = 16),
  actor_seq   INTEGER NOT NULL CHECK (actor_seq > 0),
  device      BLOB    NOT NULL,
  person      TEXT    NOT NULL,
  received_at INTEGER NOT NULL,
  bytes       BLOB    NOT NULL,
  UNIQUE (doc, hash),
  UNIQUE (doc, actor, actor_seq)
) STRICT;
CREATE INDEX change_by_doc ON change (doc, seq);
CREATE TRIGGER change_is_final BEFORE UPDATE ON change
BEGIN SELECT raise(ABORT, 'a stored change is never altered'); END;

-- Who may write under which actor id: the device that used it first, and nobody else.
CREATE TABLE actor (
  doc      BLOB    NOT NULL CHECK (length(doc) = 16),
  actor    BLOB    NOT NULL CHECK (length(actor) = 16),
  device   BLOB    NOT NULL,
  last_seq INTEGER NOT NULL,
  PRIMARY KEY (doc, actor)
) STRICT, WITHOUT ROWID;

-- Which documents each scope sees, since when, and until when. `first_seq` is the first time ever, `entered_seq` the
-- last time it came in: a phone whose cursor lies before it needs the document whole. `last_seq` moves with every
-- change while the document is in the scope and stops at `left_seq` when it leaves, so that one index serves
-- news and farewells in the order they happened.
CREATE TABLE doc_scope (
  doc         INTEGER NOT NULL REFERENCES doc (n),
  scope       TEXT    NOT NULL,
  first_seq   INTEGER NOT NULL,
  entered_seq INTEGER NOT NULL,
  last_seq    INTEGER NOT NULL,
  left_seq    INTEGER,
  PRIMARY KEY (doc, scope),
  CHECK (first_seq <= entered_seq AND entered_seq <= last_seq AND (left_seq IS NULL OR left_seq = last_seq))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX doc_scope_news ON doc_scope (scope, last_seq);

-- Refused changes, kept: fieldwork is never thrown away, a lead can look at it. `hash` is what the device called it.
CREATE TABLE set_aside (
  n           INTEGER NOT NULL PRIMARY KEY,
  doc         BLOB    NOT NULL,
  kind        TEXT    NOT NULL,
  hash        BLOB    NOT NULL,
  device      BLOB    NOT NULL,
  person      TEXT    NOT NULL,
  code        TEXT    NOT NULL,
  about       BLOB    NOT NULL,
  bytes       BLOB    NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX set_aside_by_change ON set_aside (device, doc, hash);

-- Sealed agreements. Evidence: nothing alters or removes them. REPLACE deletes without firing delete triggers, so an
-- insert over an existing one is refused as well.
CREATE TABLE bundle (
  digest BLOB    NOT NULL CHECK (length(digest) = 32),
  doc    INTEGER NOT NULL REFERENCES doc (n),
  bytes  BLOB    NOT NULL,
  PRIMARY KEY (digest, doc)
) STRICT;
CREATE INDEX bundle_by_doc ON bundle (doc);
CREATE TRIGGER bundle_is_final BEFORE UPDATE ON bundle
BEGIN SELECT raise(ABORT, 'a sealed agreement is never altered'); END;
CREATE TRIGGER bundle_stays BEFORE DELETE ON bundle
BEGIN SELECT raise(ABORT, 'a sealed agreement is never removed'); END;
CREATE TRIGGER bundle_once BEFORE INSERT ON bundle
WHEN EXISTS (SELECT 1 FROM bundle WHERE digest = NEW.digest AND doc = NEW.doc)
BEGIN SELECT raise(ABORT, 'a sealed agreement is never replaced'); END;

-- Who did what, when the server saw it: one hash chain.
CREATE TABLE audit (
  n         INTEGER NOT NULL PRIMARY KEY CHECK (n > 0),
  at        INTEGER NOT NULL,
  what      TEXT    NOT NULL,
  who       TEXT    NOT NULL,
  about     TEXT    NOT NULL,
  prev_hash BLOB    NOT NULL CHECK (length(prev_hash) = 32),
  hash      BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'the audit chain is never altered'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'the audit chain is never cut'); END;
CREATE TRIGGER audit_grows BEFORE INSERT ON audit
WHEN NEW.n <> (SELECT coalesce(max(n), 0) + 1 FROM audit)
BEGIN SELECT raise(ABORT, 'the audit chain only grows at its end'); END;
