-- finds: size 500
-- outside: checkpoint
-- file: older
-- An old copy of the whole file. Only a checkpoint that somebody else kept shows it.

