-- finds: missing 314, missing 315, stray 314
-- refused: a plan names a range, and a later entry that decides it
-- A plan that no entry of the trail made, and bodies that went by it.
INSERT INTO plans VALUES (316, 314, zeroblob(16), 0, zeroblob(32), zeroblob(16));
DELETE FROM bodies WHERE seq BETWEEN 314 AND 315; DELETE FROM index_rows WHERE seq BETWEEN 314 AND 315; DELETE FROM terms WHERE seq BETWEEN 314 AND 315;
