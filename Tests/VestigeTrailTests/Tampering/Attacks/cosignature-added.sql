-- finds: stray
-- A witness's line under a checkpoint that was never kept.
INSERT INTO cosignatures VALUES (7, '— witness.example/w AAAA' || char(10));
