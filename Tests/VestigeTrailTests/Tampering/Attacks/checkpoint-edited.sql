-- finds: checkpoint
-- opening: not signed by
-- One digit of the newest checkpoint.
UPDATE head SET checkpoint = replace(checkpoint, char(10) || '600' || char(10), char(10) || '601' || char(10));
