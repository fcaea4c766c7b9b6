-- finds: stray 700
-- outside: stray
-- A whole entry that hangs together, with a gap before it.
INSERT INTO leaves SELECT 700, leaf FROM stranger WHERE n = 1;
INSERT INTO bodies SELECT 700, header_salt, header, payload_salt, payload FROM stranger WHERE n = 1;
INSERT INTO index_rows SELECT 700, occurred_at, channel, event, action, status, actor_type, purpose FROM stranger WHERE n = 1;
INSERT INTO terms SELECT term, 700 FROM stranger_terms WHERE n = 1;
