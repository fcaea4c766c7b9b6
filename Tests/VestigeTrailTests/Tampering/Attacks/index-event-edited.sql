-- finds: index 325
-- The index says another event than the header.
UPDATE index_rows SET event = 'updated' WHERE seq = 325;
