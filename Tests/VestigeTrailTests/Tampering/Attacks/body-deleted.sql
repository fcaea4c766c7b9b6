-- finds: missing 311, index 311
-- refused: a body goes only by redaction, or by a retention plan after 30 days
-- outside: missing 311:
-- A body, and nothing else.
DELETE FROM bodies WHERE seq = 311;
