-- finds: checkpoint
-- refused: leaves are never changed
-- Who has the signing key replaces an entry and signs everything anew: the trail hangs together. Only a checkpoint that somebody else kept shows it.
UPDATE leaves SET leaf = (SELECT leaf_at_time_of(stranger.leaf, leaves.leaf) FROM stranger WHERE n = 1) WHERE seq = 590;
DELETE FROM bodies WHERE seq = 590; DELETE FROM index_rows WHERE seq = 590; DELETE FROM terms WHERE seq = 590;
INSERT INTO bodies SELECT 590, header_salt, header, payload_salt, payload FROM stranger WHERE n = 1;
INSERT INTO index_rows SELECT 590, occurred_at, channel, event, action, status, actor_type, purpose FROM stranger WHERE n = 1;
INSERT INTO terms SELECT term, 590 FROM stranger_terms WHERE n = 1;
UPDATE head SET checkpoint = signed(600, (SELECT tree_root(leaf) FROM (SELECT leaf FROM leaves ORDER BY seq)));
