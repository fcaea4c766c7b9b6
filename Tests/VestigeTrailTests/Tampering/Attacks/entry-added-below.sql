-- finds: stray
-- outside: stray
-- A whole entry that hangs together, before the first.
INSERT INTO leaves SELECT -3, leaf FROM stranger WHERE n = 1;
INSERT INTO bodies SELECT -3, header_salt, header, payload_salt, payload FROM stranger WHERE n = 1;
INSERT INTO index_rows SELECT -3, occurred_at, channel, event, action, status, actor_type, purpose FROM stranger WHERE n = 1;
INSERT INTO terms SELECT term, -3 FROM stranger_terms WHERE n = 1;
