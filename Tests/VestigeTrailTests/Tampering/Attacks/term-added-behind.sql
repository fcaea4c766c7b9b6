-- finds: stray 902
-- A term behind the end.
INSERT INTO terms SELECT term, 902 FROM terms WHERE seq = 1;
