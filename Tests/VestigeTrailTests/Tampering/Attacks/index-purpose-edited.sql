-- finds: index 325
-- The index says another purpose than the header.
UPDATE index_rows SET purpose = 'billing' WHERE seq = 325;
