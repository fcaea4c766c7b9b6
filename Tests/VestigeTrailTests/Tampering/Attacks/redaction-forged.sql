-- finds: missing 313
-- A row calls an entry redacted and names one that decided nothing of the kind.
INSERT INTO redactions SELECT 313, substr(leaf, 2, 16) FROM leaves WHERE seq = 400;
DELETE FROM bodies WHERE seq BETWEEN 313 AND 313; DELETE FROM index_rows WHERE seq BETWEEN 313 AND 313; DELETE FROM terms WHERE seq BETWEEN 313 AND 313;
