-- finds: checkpoint
-- refused: head are never changed
-- opening: never begun
-- The newest checkpoint.
DELETE FROM head;
