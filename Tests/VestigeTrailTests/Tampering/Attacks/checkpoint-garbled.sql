-- finds: checkpoint
-- opening: not a signed checkpoint
-- The newest checkpoint is not a note.
UPDATE head SET checkpoint = '600';
