-- finds: checkpoint
-- opening: not signed by
-- The newest checkpoint, signed by another key under the trail's name.
UPDATE head SET checkpoint = forged(600, (SELECT tree_root(leaf) FROM (SELECT leaf FROM leaves ORDER BY seq)));
