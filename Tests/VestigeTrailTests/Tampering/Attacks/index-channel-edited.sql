-- finds: index 325
-- The index says another channel than the header.
UPDATE index_rows SET channel = 'auth' WHERE seq = 325;
