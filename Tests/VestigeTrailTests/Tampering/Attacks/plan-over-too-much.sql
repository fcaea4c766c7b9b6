-- finds: missing 300, stray 290
-- file: pruned
-- A second row of the same plan, over more than its entry names, and a body that went by it.
INSERT INTO plans SELECT 310, 290, zeroblob(16), cutoff, digest, entry FROM plans;
DELETE FROM bodies WHERE seq = 300; DELETE FROM index_rows WHERE seq = 300; DELETE FROM terms WHERE seq = 300;
