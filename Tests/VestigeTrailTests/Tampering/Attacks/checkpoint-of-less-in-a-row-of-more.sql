-- finds: checkpoint, size 575
-- opening: of another size than its row
-- outside: checkpoint, size
-- The newest checkpoint is a kept one, its row still says 600.
UPDATE head SET checkpoint = (SELECT note FROM checkpoints WHERE size = 575);
