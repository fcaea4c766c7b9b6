-- finds: index 325
-- The index says another actor_type than the header.
UPDATE index_rows SET actor_type = 'system' WHERE seq = 325;
