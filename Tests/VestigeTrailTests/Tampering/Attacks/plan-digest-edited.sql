-- finds: missing 100-149, missing 160-199, stray 100
-- file: pruned
-- outside: missing 100:, missing 149:, missing 160:, missing 199:, stray 100:
-- refused: plans are never changed
-- The row of a plan, with another hash of its places.
UPDATE plans SET digest = flip(digest, 5);
