-- finds: index 327
-- A person's look is not found under the person any more.
DELETE FROM terms WHERE seq = 327 AND hex(term) LIKE '01%';
