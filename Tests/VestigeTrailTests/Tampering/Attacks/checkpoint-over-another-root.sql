-- finds: checkpoint
-- opening: does not lead to its newest checkpoint
-- The newest checkpoint, signed by the trail's key over another root.
UPDATE head SET checkpoint = signed(600, zeroblob(32));
