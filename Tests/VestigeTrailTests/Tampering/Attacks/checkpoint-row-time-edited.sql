-- finds: checkpoint
-- opening: of another time than the newest entry
-- The row of the newest checkpoint says another time than the newest entry: what comes next would be recorded then.
UPDATE head SET recorded_at = recorded_at + 86400000000;
