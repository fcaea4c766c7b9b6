-- finds: size 600, stray 600
-- outside: size
-- A whole entry that hangs together, behind the end.
INSERT INTO leaves SELECT 600, leaf FROM stranger WHERE n = 1;
INSERT INTO bodies SELECT 600, header_salt, header, payload_salt, payload FROM stranger WHERE n = 1;
INSERT INTO index_rows SELECT 600, occurred_at, channel, event, action, status, actor_type, purpose FROM stranger WHERE n = 1;
INSERT INTO terms SELECT term, 600 FROM stranger_terms WHERE n = 1;
