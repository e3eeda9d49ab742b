-- Version 4: attachments. The bytes are in the store of blobs (blobs.rs), named by their digest; here stands what of them
-- is whole and durable there, and how far what is still coming has come.

-- A row is written after the bytes are durable and were found to have the digest, in the transaction before the answer that
-- says so. Which cases name it stands in the cases.
CREATE TABLE attachment (
  digest    BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
  length    INTEGER NOT NULL CHECK (length > 0),
  media     TEXT    NOT NULL,
  device    BLOB    NOT NULL CHECK (length(device) = 16),
  person    TEXT    NOT NULL,
  stored_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is still coming, a device for itself: nobody can spoil what another one sends. `received` bytes are durable in the
-- file beside; what lies behind them in it was never acknowledged.
CREATE TABLE upload (
  digest     BLOB    NOT NULL CHECK (length(digest) = 32),
  device     BLOB    NOT NULL CHECK (length(device) = 16),
  length     INTEGER NOT NULL CHECK (length > 0),
  received   INTEGER NOT NULL CHECK (received BETWEEN 0 AND length),
  touched_at INTEGER NOT NULL,
  PRIMARY KEY (digest, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX upload_by_age ON upload (touched_at);
