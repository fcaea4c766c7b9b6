-- finds: payload 303
-- refused: bodies are never changed
-- One byte of a payload, before its first slot.
UPDATE bodies SET payload = flip(payload, 1) WHERE seq = 303;
