-- finds: index 325
-- The index says another status than the header.
UPDATE index_rows SET status = 'failure' WHERE seq = 325;
