-- finds: index 326
-- An index row: lists leave the entry out.
DELETE FROM index_rows WHERE seq = 326;
