-- finds: checkpoint
-- opening: of another size than its row
-- The row of the newest checkpoint says another size than its note.
UPDATE head SET size = 601;
