-- Version 3: what cases wait for, as rows, and lists that stay quick with years of visits in them.

-- What a document waits for: one row each, in the document's own order, written with its list row. Since which day or until
-- which, never how long it may take: what is overdue is asked with the policy and the calendar of the moment, so neither
-- a new policy nor midnight makes a row stale. Where the document lies and who has it stand here a second time, so that a
-- day is read from this table alone, in order, and a tap that changes none of it writes nothing here. No index besides:
-- a day reads all of it once, and a tap finds its document by the key.
CREATE TABLE wait (
    doc       BLOB NOT NULL REFERENCES document (doc) ON DELETE CASCADE,
    n         INTEGER NOT NULL CHECK (n >= 0),
    kind      TEXT NOT NULL CHECK (kind <> ''),
    -- The day it began on, as days since 1970 in China's calendar.
    since     INTEGER NOT NULL,
    -- The day that people set.
    due       INTEGER,
    -- How far it has come, where policy says how far it may go.
    so_far    INTEGER CHECK (so_far >= 0),
    -- Whose move it is; none: the community's.
    org       TEXT,
    community TEXT,
    grid      TEXT,
    building  TEXT,
    assignee  TEXT,
    PRIMARY KEY (doc, n)
) STRICT, WITHOUT ROWID;

-- What somebody at this device has looked at, of what is contested or overtaken: the row's number for it at that time. What
-- comes up later has another number, and is shown again. It is this device's own and goes nowhere.
CREATE TABLE looked (
    doc  BLOB PRIMARY KEY REFERENCES document (doc) ON DELETE CASCADE,
    mark INTEGER NOT NULL CHECK (mark <> 0)
) STRICT, WITHOUT ROWID;

-- Care tags of households, each between line feeds.
ALTER TABLE list_row ADD COLUMN tags TEXT NOT NULL DEFAULT '';

-- A page of a list is found in one of these indexes alone, read in order: no lookup, no sort. Only then the rows of that one
-- page are fetched. Narrowing reads past what does not fit, a tenth of a microsecond each: fine among ten thousand cases, not
-- among fifty thousand visits, so visits have an index for each thing they are narrowed by. A visit is written once; a case
-- is tapped for years, and pays for two indexes, its record in neither.
DROP INDEX list_newest;
CREATE INDEX list_newest ON list_row
    (kind, updated DESC, doc DESC, stage, holder, community, grid, assignee, due, look, tags, title);
DROP INDEX list_due;
CREATE INDEX list_due ON list_row
    (kind, due, doc, stage, holder, community, grid, assignee, look, title, updated) WHERE due IS NOT NULL;
CREATE INDEX list_look ON list_row (kind, updated DESC, doc DESC) WHERE look = 1;
CREATE INDEX list_visit_stage ON list_row (stage, updated DESC, doc DESC, community, grid, title, kind) WHERE kind = 'visit';
CREATE INDEX list_visit_grid ON list_row (grid, updated DESC, doc DESC, community, stage, title, kind) WHERE kind = 'visit';
CREATE INDEX list_visit_community ON list_row (community, updated DESC, doc DESC, stage, title, kind) WHERE kind = 'visit';
CREATE INDEX list_visit_household ON list_row (household, updated DESC, doc DESC) WHERE household IS NOT NULL;

-- Rows of an earlier version know no waits: they are made anew from the documents when the device is opened.
DELETE FROM list_row;
