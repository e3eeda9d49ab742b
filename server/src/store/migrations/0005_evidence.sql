-- Version 5: the log of sealed agreements, and what may be used once.
--
-- An agreement becomes an entry of the log in the transaction that stores it: there is no moment at which the server has one
-- and its log does not. Agreements from before this version are entered when the server next starts.

-- The log's tree (RFC 6962): the hash of every complete subtree, which never changes once it is there. Level 0 are the leaves.
-- Any root and any proof comes of a few dozen of these rows.
CREATE TABLE log_node (
  level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 62),
  at    INTEGER NOT NULL CHECK (at >= 0),
  hash  BLOB    NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (level, at)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER log_node_is_final BEFORE UPDATE ON log_node
BEGIN SELECT raise(ABORT, 'the log is never altered'); END;
CREATE TRIGGER log_node_stays BEFORE DELETE ON log_node
BEGIN SELECT raise(ABORT, 'the log is never cut'); END;
CREATE TRIGGER log_node_once BEFORE INSERT ON log_node
WHEN EXISTS (SELECT 1 FROM log_node WHERE level = NEW.level AND at = NEW.at)
BEGIN SELECT raise(ABORT, 'the log is never replaced'); END;

-- Its entries, from 0, each with the receipt that was made when it was entered.
CREATE TABLE log_entry (
  n           INTEGER NOT NULL PRIMARY KEY CHECK (n >= 0),
  bundle      BLOB    NOT NULL UNIQUE CHECK (length(bundle) = 32),
  received_at INTEGER NOT NULL,
  receipt     BLOB    NOT NULL
) STRICT;
CREATE TRIGGER log_entry_is_final BEFORE UPDATE ON log_entry
BEGIN SELECT raise(ABORT, 'the log is never altered'); END;
CREATE TRIGGER log_entry_stays BEFORE DELETE ON log_entry
BEGIN SELECT raise(ABORT, 'the log is never cut'); END;
CREATE TRIGGER log_entry_grows BEFORE INSERT ON log_entry
WHEN NEW.n <> (SELECT coalesce(max(n) + 1, 0) FROM log_entry)
  OR EXISTS (SELECT 1 FROM log_entry WHERE bundle = NEW.bundle)
BEGIN SELECT raise(ABORT, 'the log only grows at its end'); END;

-- What a seal uses up: a device's count of seals, a dossier number (within its case it may stand again, on an
-- agreement that replaces another or that is contested with it), the ink of a drawing.
CREATE TABLE seal_mark (
  kind   TEXT NOT NULL CHECK (kind IN ('counter', 'number', 'ink')),
  value  BLOB NOT NULL,
  doc    BLOB NOT NULL CHECK (length(doc) = 16),
  bundle BLOB NOT NULL CHECK (length(bundle) = 32),
  PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;

-- The certificates that the root's key gave to devices. A device has one; nothing in it changes.
CREATE TABLE certificate (
  device BLOB NOT NULL PRIMARY KEY REFERENCES device (id),
  bytes  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The committee's stamps, signed with the root's key when the case's log said that a lead had stamped. The first counts.
CREATE TABLE stamp (
  bundle BLOB NOT NULL PRIMARY KEY CHECK (length(bundle) = 32),
  bytes  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER stamp_is_final BEFORE UPDATE ON stamp
BEGIN SELECT raise(ABORT, 'a stamp is never altered'); END;
CREATE TRIGGER stamp_stays BEFORE DELETE ON stamp
BEGIN SELECT raise(ABORT, 'a stamp is never removed'); END;
CREATE TRIGGER stamp_once BEFORE INSERT ON stamp
WHEN EXISTS (SELECT 1 FROM stamp WHERE bundle = NEW.bundle)
BEGIN SELECT raise(ABORT, 'a stamp is never replaced'); END;
