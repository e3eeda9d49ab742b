-- Version 2: households are documents too, and the list row carries more.

-- A CHECK constraint changes nothing that is on disk, so its text may be replaced in place: the second procedure of
-- "Making Other Kinds Of Table Schema Changes" (sqlite.org/lang_altertable.html). Rebuilding the table would cascade into
-- everything that refers to it.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'kind IN (''case'', ''visit'')', 'kind IN (''case'', ''visit'', ''household'')')
WHERE type = 'table' AND name = 'document';
PRAGMA writable_schema = RESET;

-- The projection is made anew, with what lists and duplicates need as columns. A document without a row is one whose row
-- is still to be made from its bytes; that is done when the device is opened, and can be interrupted.
DROP TABLE list_row;
CREATE TABLE list_row (
    doc       BLOB PRIMARY KEY REFERENCES document (doc) ON DELETE CASCADE,
    kind      TEXT NOT NULL CHECK (kind IN ('case', 'visit', 'household')),
    stage     TEXT NOT NULL,
    updated   INTEGER NOT NULL CHECK (updated >= 0),
    -- Hybrid time of the first event.
    began     INTEGER NOT NULL CHECK (began >= 0),
    due       INTEGER,
    holder    TEXT,
    community TEXT,
    grid      TEXT,
    -- Empty where the place names none: a door is (grid, building, title), compared with =.
    building  TEXT NOT NULL,
    assignee  TEXT,
    category  TEXT NOT NULL,
    -- The household that was visited.
    household BLOB CHECK (length(household) = 16),
    look      INTEGER NOT NULL CHECK (look IN (0, 1)),
    title     TEXT NOT NULL,
    record    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- A page of a list, narrowed or searched, comes from this index alone, read in order: no lookup, no sort. Narrowing
-- reads past what does not fit (about 10 ms for 10,000 rows); an index a filter would cost every tap.
CREATE INDEX list_newest ON list_row
    (kind, updated DESC, doc DESC, stage, holder, community, grid, assignee, due, look, title, record);
CREATE INDEX list_due ON list_row (kind, due, doc) WHERE due IS NOT NULL;
-- Everything of a kind in the order in which it began: what a ledger reads, page by page.
CREATE INDEX list_began ON list_row (kind, began, doc);
-- The doors of a grid, in the order people walk them. Partial, here and below, so that a case's tap pays for none of it;
-- what the condition names stands in the index all the same, or SQLite would look at each row to see it.
CREATE INDEX list_home ON list_row (grid, building, title, doc, kind, stage) WHERE kind = 'household' AND stage <> 'struck';
-- When a door was visited last: by its household's record, and by its address where the visit names none.
CREATE INDEX list_visited ON list_row (household, began, stage) WHERE household IS NOT NULL;
CREATE INDEX list_door ON list_row (grid, building, title, kind, household, began, stage)
    WHERE kind = 'visit' AND household IS NULL;
