-- Version 7: what stands beside a sealed agreement, and how its signatures were written.

-- Receipts and stamps, by the bundle they are for. Evidence like the bundle: written once, then neither changed nor deleted.
CREATE TABLE beside (
    bundle BLOB NOT NULL CHECK (length(bundle) = 32),
    kind   TEXT NOT NULL CHECK (kind IN ('receipt', 'stamp')),
    bytes  BLOB NOT NULL,
    PRIMARY KEY (bundle, kind)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER beside_no_update BEFORE UPDATE ON beside
BEGIN SELECT RAISE(ABORT, 'a receipt does not change'); END;
CREATE TRIGGER beside_no_delete BEFORE DELETE ON beside
BEGIN SELECT RAISE(ABORT, 'a receipt is not deleted'); END;
CREATE TRIGGER beside_no_replace BEFORE INSERT ON beside
WHEN EXISTS (SELECT 1 FROM beside WHERE bundle = NEW.bundle AND kind = NEW.kind)
BEGIN SELECT RAISE(ABORT, 'a receipt is not replaced'); END;

-- How signatures were written, with the signer's consent: sensitive personal data. They stay on this phone and can be erased at
-- any time; an act holds only their salted digest, and verifies without them.
CREATE TABLE dynamics (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    doc    BLOB NOT NULL CHECK (length(doc) = 16),
    bytes  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dynamics_of ON dynamics (doc);
