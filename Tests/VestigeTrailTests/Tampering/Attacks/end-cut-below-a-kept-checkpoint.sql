-- finds: size 425
-- refused: leaves are never changed
-- outside: checkpoint
-- The last entries and the newest checkpoint, down to a kept one; a later kept one is left.
DELETE FROM leaves WHERE seq >= 425; DELETE FROM bodies WHERE seq >= 425; DELETE FROM index_rows WHERE seq >= 425; DELETE FROM terms WHERE seq >= 425;
DELETE FROM tiles WHERE idx = 1;
UPDATE head SET (size, recorded_at, checkpoint) = (SELECT 425, recorded(leaf), note FROM checkpoints, leaves WHERE size = 425 AND seq = 424);
