-- finds: index 325
-- The index has no purpose, the header has.
UPDATE index_rows SET purpose = NULL WHERE seq = 325;
