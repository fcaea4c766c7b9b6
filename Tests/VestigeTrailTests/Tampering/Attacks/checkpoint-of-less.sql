-- finds: size 575, stray 575-599
-- refused: the newest checkpoint only grows
-- outside: size, checkpoint
-- The newest checkpoint is a kept one; the entries since are left.
UPDATE head SET (size, recorded_at, checkpoint) = (SELECT 575, recorded(leaf), note FROM checkpoints, leaves WHERE size = 575 AND seq = 574);
