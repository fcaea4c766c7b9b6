-- finds: size 600, stray 600, tile 511, checkpoint
-- refused: leaves are never changed
-- opening: does not lead to its newest checkpoint
-- outside: size, tile 0/1, checkpoint
-- A whole entry that hangs together in the middle; those above it move up by one.
UPDATE leaves SET seq = -seq WHERE seq >= 402; UPDATE leaves SET seq = -seq + 1 WHERE seq < 0;
UPDATE bodies SET seq = -seq WHERE seq >= 402; UPDATE bodies SET seq = -seq + 1 WHERE seq < 0;
UPDATE index_rows SET seq = -seq WHERE seq >= 402; UPDATE index_rows SET seq = -seq + 1 WHERE seq < 0;
UPDATE terms SET seq = -seq WHERE seq >= 402; UPDATE terms SET seq = -seq + 1 WHERE seq < 0;
INSERT INTO leaves SELECT 402, leaf_at_time_of(s.leaf, l.leaf) FROM stranger s, leaves l WHERE s.n = 1 AND l.seq = 403;
INSERT INTO bodies SELECT 402, header_salt, header, payload_salt, payload FROM stranger WHERE n = 1;
INSERT INTO index_rows SELECT 402, occurred_at, channel, event, action, status, actor_type, purpose FROM stranger WHERE n = 1;
INSERT INTO terms SELECT term, 402 FROM stranger_terms WHERE n = 1;
