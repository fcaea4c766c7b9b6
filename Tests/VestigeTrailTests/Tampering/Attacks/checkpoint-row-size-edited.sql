-- finds: checkpoint
-- The row of the newest checkpoint says another size than its note.
UPDATE head SET size = 601;
