-- finds: missing 600, missing 100-149, missing 160-199, stray 100
-- file: pruned
-- outside: missing 600:, missing 100:, missing 149:, missing 160:, missing 199:, stray 100:
-- refused: what Vestige itself wrote keeps its body
-- The entry of a plan that was carried out.
DELETE FROM bodies WHERE seq = 600; DELETE FROM index_rows WHERE seq = 600; DELETE FROM terms WHERE seq = 600;
