-- Version 2: households are documents too, and list rows carry more.

-- A CHECK constraint changes nothing that is on disk, so its text may be replaced in place: the second procedure of
-- "Making Other Kinds Of Table Schema Changes" (sqlite.org/lang_altertable.html). Rebuilding the table would mean
-- touching everything that refers to it.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'kind IN (''case'', ''visit'')', 'kind IN (''case'', ''visit'', ''household'')')
WHERE type = 'table' AND name = 'doc';
PRAGMA writable_schema = RESET;

-- Documents whose row an older version made: phones take rows as they are sent, so they are made anew from the documents
-- before anything is sent again. That is no work for SQL; the server does it when it starts, in batches, and what it has
-- done is no longer here.
CREATE TABLE stale_row (
  doc INTEGER NOT NULL PRIMARY KEY REFERENCES doc (n)
) STRICT;
INSERT INTO stale_row (doc) SELECT n FROM doc;
