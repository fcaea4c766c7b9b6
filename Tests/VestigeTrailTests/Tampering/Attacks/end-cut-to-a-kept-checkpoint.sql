-- finds: size 575
-- refused: leaves are never changed
-- outside: checkpoint
-- The last entries, and the newest checkpoint with them: the trail hangs together as it did then. Only a checkpoint that somebody else kept shows it.
DELETE FROM leaves WHERE seq >= 575; DELETE FROM bodies WHERE seq >= 575; DELETE FROM index_rows WHERE seq >= 575; DELETE FROM terms WHERE seq >= 575;
UPDATE head SET (size, recorded_at, checkpoint) = (SELECT 575, recorded(leaf), note FROM checkpoints, leaves WHERE size = 575 AND seq = 574);
