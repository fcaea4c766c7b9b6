-- finds: payload 305
-- refused: bodies are never changed
-- One byte inside the slot of the person concerned.
UPDATE bodies SET payload = flip(payload, length(payload) - 2) WHERE seq = 305;
