-- finds: checkpoint
-- refused: leaves are never changed
-- opening: does not lead to its newest checkpoint
-- An entry becomes another that hangs together, recorded at the same moment.
UPDATE leaves SET leaf = (SELECT leaf_at_time_of(stranger.leaf, leaves.leaf) FROM stranger WHERE n = 1) WHERE seq = 550;
DELETE FROM bodies WHERE seq = 550; DELETE FROM index_rows WHERE seq = 550; DELETE FROM terms WHERE seq = 550;
INSERT INTO bodies SELECT 550, header_salt, header, payload_salt, payload FROM stranger WHERE n = 1;
INSERT INTO index_rows SELECT 550, occurred_at, channel, event, action, status, actor_type, purpose FROM stranger WHERE n = 1;
INSERT INTO terms SELECT term, 550 FROM stranger_terms WHERE n = 1;
