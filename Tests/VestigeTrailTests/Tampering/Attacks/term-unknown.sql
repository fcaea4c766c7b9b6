-- finds: index
-- outside: index 332
-- A term of no kind that there is.
INSERT INTO terms VALUES (CAST(x'09' || zeroblob(16) AS BLOB), 332);
