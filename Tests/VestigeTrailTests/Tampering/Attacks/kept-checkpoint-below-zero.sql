-- finds: checkpoint
-- A kept checkpoint of a size that no trail has.
INSERT INTO checkpoints VALUES (-7, 'kept');
