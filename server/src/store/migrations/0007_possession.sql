-- Version 7: under which case an attachment may be had, and whether its bytes are still what they were.
--
-- Whoever knows a digest can name it in a case of their own. So it counts only where it was shown that who named it had the
-- bytes: each pair of digest and case is recorded once a device has sent all of them, then or before, and an attachment is
-- given out for recorded pairs alone.

-- `device` showed that it has the bytes: it sent them for this case, or had sent them for another one.
CREATE TABLE attachment_of (
  digest BLOB    NOT NULL REFERENCES attachment (digest),
  doc    BLOB    NOT NULL CHECK (length(doc) = 16),
  device BLOB    NOT NULL CHECK (length(device) = 16),
  person TEXT    NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (digest, doc)
) STRICT, WITHOUT ROWID;

-- What a revoked device sent is counted by device and time.
CREATE INDEX attachment_of_by_device ON attachment_of (device, at);

-- When its blob was found missing or damaged: then it is asked of the phones that have it, and given out again once one of
-- them has sent it.
ALTER TABLE attachment ADD COLUMN missing_at INTEGER;
CREATE INDEX attachment_missing ON attachment (digest) WHERE missing_at IS NOT NULL;

-- SHA-256 of each 256 KiB of it, the last shorter, in a row: a part is held against these when it is given out, without
-- reading the whole. For what came before this version they are made when it is first asked for.
CREATE TABLE attachment_sums (
  digest BLOB NOT NULL PRIMARY KEY REFERENCES attachment (digest),
  sums   BLOB NOT NULL CHECK (length(sums) > 0 AND length(sums) % 32 = 0)
) STRICT;

-- What came before this version was sent under some case, and nobody wrote down which. The cases say who named what; reading
-- them is no work for SQL. The server does it before it serves, and takes this mark away with the last of it.
INSERT INTO meta (key, value) SELECT 'pairs_unrecorded', x'01' WHERE EXISTS (SELECT 1 FROM attachment);
