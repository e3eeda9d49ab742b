-- Version 4: searching what is on the phone.

-- Which number each document has in the index, and what of its row the index has: only a row whose texts changed is
-- indexed anew. Numbers grow, so what was written last is found first, and a bulk pull writes the index in its own order.
CREATE TABLE search_doc (
    n     INTEGER PRIMARY KEY,
    doc   BLOB NOT NULL UNIQUE REFERENCES document (doc) ON DELETE CASCADE,
    print INTEGER NOT NULL
) STRICT;

-- Terms are made by core/src/search (why: there) and stand between spaces; the tokenizer only cuts there. The texts
-- themselves are in the list rows: nothing is stored twice (content=''), and of a term only which rows have it
-- (detail=none). On 80,000 rows that is half the size of an index with columns, and a quarter of one with places.
CREATE VIRTUAL TABLE search USING fts5 (
    terms, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '-'"
);

-- Whoever deletes a document deletes its terms: a cascade does not reach a virtual table, a trigger does.
CREATE TRIGGER search_doc_gone AFTER DELETE ON search_doc
BEGIN
    DELETE FROM search WHERE rowid = OLD.n;
    INSERT INTO search_gone VALUES (OLD.n);
END;
-- What was deleted lies in the index, out of reach, until its parts are merged: Store::tidy does that when this has a row.
CREATE TABLE search_gone (n INTEGER PRIMARY KEY) STRICT;

-- Duplicates of a report: the cases of a grid and category by the day they began.
CREATE INDEX list_alike ON list_row (grid, category, began) WHERE kind = 'case';

-- Rows are made anew when the device is opened, and with them the index.
DELETE FROM list_row;
