-- finds: stray 901
-- An index row behind the end.
INSERT INTO index_rows SELECT 901, occurred_at, channel, event, action, status, actor_type, purpose FROM index_rows WHERE seq = 1;
