-- Version 3: a log that was put back is noticed, and what is kept aside can be looked at and decided on.

-- The key under which cursors are made (256 bits). A cursor that carries its mark and is ahead of the log proves that the log
-- was put back to an earlier state; without a mark anybody could say so and make every phone fetch everything anew. It is
-- part of every backup, or the cursors made after one could not be told from made-up ones.
INSERT INTO meta (key, value) VALUES ('cursor_key', randomblob(32));

-- What somebody decided about a change kept aside: taken into its document after all, or left where it is. The change itself
-- stays in set_aside, and the decision in the audit chain.
CREATE TABLE aside_decision (
  n        INTEGER NOT NULL PRIMARY KEY REFERENCES set_aside (n),
  adopted  INTEGER NOT NULL CHECK (adopted IN (0, 1)),
  who      TEXT    NOT NULL,
  why      TEXT    NOT NULL,
  at       INTEGER NOT NULL
) STRICT;

-- Agreements that came with changes kept aside: with them a signed agreement can still be taken in.
CREATE TABLE aside_bundle (
  doc    BLOB NOT NULL CHECK (length(doc) = 16),
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  bytes  BLOB NOT NULL,
  PRIMARY KEY (doc, digest)
) STRICT;
