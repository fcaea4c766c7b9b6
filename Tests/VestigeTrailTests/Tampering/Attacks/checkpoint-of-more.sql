-- finds: size 600
-- opening: the tree lacks hashes
-- The newest checkpoint, signed by the trail's key, counts more than there is.
UPDATE head SET size = 700, checkpoint = signed(700, zeroblob(32));
