-- finds: checkpoint
-- opening: not a signed checkpoint
-- The newest checkpoint counts more than a row can be numbered.
UPDATE head SET size = 9223372036854775807, checkpoint = signed(-1, zeroblob(32));
