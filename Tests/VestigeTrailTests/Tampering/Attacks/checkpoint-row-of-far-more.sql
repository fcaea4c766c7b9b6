-- finds: checkpoint
-- opening: of another size than its row
-- The row of the newest checkpoint says far more than its note: whoever counts by the row never comes to an end.
UPDATE head SET size = 1000000000000000;
