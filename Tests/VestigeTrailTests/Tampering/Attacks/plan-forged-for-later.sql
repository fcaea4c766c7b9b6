-- finds: stray 317
-- A plan that names an entry which is none; nothing went by it yet.
INSERT INTO plans SELECT 330, 317, zeroblob(16), 0, zeroblob(32), substr(leaf, 2, 16) FROM leaves WHERE seq = 400;
