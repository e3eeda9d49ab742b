-- Version 8: cases wait for the committee's stamp and for the days in which a court can be asked.

-- List rows of an earlier version know neither wait: those of cases that may have an agreement are made anew from the documents
-- when the device is opened. Rows of other cases, of visits and of households say all that they can say.
DELETE FROM list_row WHERE kind = 'case' AND stage NOT IN ('unreported', 'received', 'closed', 'withdrawn', 'merged');
