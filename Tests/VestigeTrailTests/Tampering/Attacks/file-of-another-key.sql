-- finds: checkpoint
-- opening: not signed by
-- outside: checkpoint
-- file: forged
-- The file of a trail of the same name, made with another key.

