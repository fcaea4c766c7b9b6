-- finds: checkpoint 250
-- refused: checkpoints are never changed
-- A kept checkpoint: that of the hour that began with entry 250.
DELETE FROM checkpoints WHERE size = 275;
