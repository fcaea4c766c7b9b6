-- finds: size 600
-- outside: checkpoint
-- A kept checkpoint of more than there is.
INSERT INTO checkpoints VALUES (900, signed(900, zeroblob(32)));
