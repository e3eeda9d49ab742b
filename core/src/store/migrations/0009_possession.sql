-- Version 9: the server gives out an attachment under a case only if somebody who had its bytes sent them for that case. So
-- it is to be told of each case that names one, not only of the first.

-- Whether the server said that it has it under this case.
ALTER TABLE attachment_of ADD COLUMN told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1));

-- Named by one case, it was told under that one. Named by several, nobody wrote down under which: each is said again, and
-- costs a question, not the bytes, for the server knows that this phone had them.
UPDATE attachment_of SET told = 1
WHERE (SELECT upload FROM attachment WHERE attachment.digest = attachment_of.digest) IN ('stored', 'none')
  AND (SELECT count(*) FROM attachment_of AS other WHERE other.digest = attachment_of.digest) = 1;
UPDATE attachment SET upload = 'waiting'
WHERE upload = 'stored' AND here = 1
  AND EXISTS (SELECT 1 FROM attachment_of WHERE attachment_of.digest = attachment.digest AND told = 0);
