-- finds: index 325
-- The index says another occurred_at than the header.
UPDATE index_rows SET occurred_at = occurred_at + 1 WHERE seq = 325;
