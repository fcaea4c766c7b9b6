-- finds: stray 5000
-- outside: stray
-- A leaf alone behind the end, far from it.
INSERT INTO leaves SELECT 5000, leaf FROM stranger WHERE n = 1;
