-- finds: index 328
-- A look is found under a person who was not looked at.
INSERT INTO terms VALUES (CAST(x'01' || zeroblob(16) AS BLOB), 328);
