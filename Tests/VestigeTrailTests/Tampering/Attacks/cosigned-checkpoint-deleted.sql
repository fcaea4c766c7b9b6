-- finds: checkpoint 250, stray
-- refused: checkpoints are never changed
-- The kept checkpoint that a witness cosigned.
INSERT INTO cosignatures VALUES (275, '— witness.example/w AAAA' || char(10));
DELETE FROM checkpoints WHERE size = 275;
