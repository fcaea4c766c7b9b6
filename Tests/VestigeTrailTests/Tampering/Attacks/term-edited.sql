-- finds: index 329
-- A look is found as another act.
UPDATE terms SET term = CAST(x'02' || substr(term, 2) AS BLOB) WHERE seq = 329 AND hex(term) LIKE '01%';
