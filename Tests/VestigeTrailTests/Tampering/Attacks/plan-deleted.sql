-- finds: missing 100-149, missing 160-199
-- file: pruned
-- outside: missing 100:, missing 149:, missing 160:, missing 199:
-- refused: plans are never changed
-- The row of a plan that was carried out.
DELETE FROM plans;
