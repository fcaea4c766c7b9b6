-- finds: checkpoint 0
-- refused: checkpoints are never changed
-- The kept checkpoint of the empty trail.
DELETE FROM checkpoints WHERE size = 0;
