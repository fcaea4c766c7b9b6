-- finds: checkpoint
-- refused: checkpoints are never changed
-- A kept checkpoint, signed by another key.
UPDATE checkpoints SET note = forged(275, zeroblob(32)) WHERE size = 275;
