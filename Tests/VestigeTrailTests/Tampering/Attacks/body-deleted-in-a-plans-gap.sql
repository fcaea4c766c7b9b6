-- finds: missing 155
-- file: pruned
-- A body that a plan leaves out, between two runs that it takes: the file's rules go by the whole of it.
DELETE FROM bodies WHERE seq = 155; DELETE FROM index_rows WHERE seq = 155; DELETE FROM terms WHERE seq = 155;
