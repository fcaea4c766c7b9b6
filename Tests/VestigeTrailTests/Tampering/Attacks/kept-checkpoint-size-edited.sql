-- finds: checkpoint
-- refused: checkpoints are never changed
-- A kept checkpoint in a row of another size.
UPDATE checkpoints SET size = 276 WHERE size = 275;
