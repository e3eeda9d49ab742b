-- Version 6: list rows say that a signed agreement waits for the committee's stamp, and until when a court can be asked.

-- Rows of cases with a sealed agreement were made before that: the server makes them anew when it starts.
INSERT OR IGNORE INTO stale_row (doc) SELECT DISTINCT doc FROM bundle;
