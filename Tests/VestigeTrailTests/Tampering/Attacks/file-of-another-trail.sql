-- finds: checkpoint
-- opening: another trail
-- outside: checkpoint
-- file: another
-- The file of another trail, which hangs together.

