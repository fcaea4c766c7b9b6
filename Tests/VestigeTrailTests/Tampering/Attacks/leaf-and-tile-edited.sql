-- finds: checkpoint
-- refused: leaves are never changed
-- opening: does not lead to its newest checkpoint
-- A leaf, its body and its tile fit each other; the root does not.
UPDATE leaves SET leaf = (SELECT leaf_at_time_of(stranger.leaf, leaves.leaf) FROM stranger WHERE n = 1) WHERE seq = 324;
DELETE FROM bodies WHERE seq = 324; DELETE FROM index_rows WHERE seq = 324; DELETE FROM terms WHERE seq = 324;
INSERT INTO bodies SELECT 324, header_salt, header, payload_salt, payload FROM stranger WHERE n = 1;
INSERT INTO index_rows SELECT 324, occurred_at, channel, event, action, status, actor_type, purpose FROM stranger WHERE n = 1;
INSERT INTO terms SELECT term, 324 FROM stranger_terms WHERE n = 1;
UPDATE tiles SET hashes = (SELECT tile_hashes(leaf) FROM (SELECT leaf FROM leaves WHERE seq BETWEEN 256 AND 511 ORDER BY seq)) WHERE idx = 1;
