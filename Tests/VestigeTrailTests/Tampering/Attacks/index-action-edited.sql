-- finds: index 325
-- The index says another action than the header.
UPDATE index_rows SET action = 'pii.read.team' WHERE seq = 325;
