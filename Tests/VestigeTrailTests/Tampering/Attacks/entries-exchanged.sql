-- finds: leaf 561, leaf 590, checkpoint
-- refused: leaves are never changed
-- opening: does not lead to its newest checkpoint
-- Two whole entries exchange their places.
UPDATE leaves SET seq = -1 WHERE seq = 560; UPDATE leaves SET seq = 560 WHERE seq = 590; UPDATE leaves SET seq = 590 WHERE seq = -1;
UPDATE bodies SET seq = -1 WHERE seq = 560; UPDATE bodies SET seq = 560 WHERE seq = 590; UPDATE bodies SET seq = 590 WHERE seq = -1;
UPDATE index_rows SET seq = -1 WHERE seq = 560; UPDATE index_rows SET seq = 560 WHERE seq = 590; UPDATE index_rows SET seq = 590 WHERE seq = -1;
UPDATE terms SET seq = -1 WHERE seq = 560; UPDATE terms SET seq = 560 WHERE seq = 590; UPDATE terms SET seq = 590 WHERE seq = -1;
