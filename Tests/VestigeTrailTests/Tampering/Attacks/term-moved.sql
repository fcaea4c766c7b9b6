-- finds: index 330, index 331
-- A look is found in another place.
UPDATE terms SET seq = 331 WHERE seq = 330 AND hex(term) LIKE '01%';
