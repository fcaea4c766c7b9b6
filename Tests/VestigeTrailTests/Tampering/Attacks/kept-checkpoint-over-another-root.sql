-- finds: checkpoint
-- refused: checkpoints are never changed
-- A kept checkpoint, signed by the trail's key over another root.
UPDATE checkpoints SET note = signed(275, zeroblob(32)) WHERE size = 275;
