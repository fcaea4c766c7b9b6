-- finds: payload 304
-- refused: bodies are never changed
-- The last slot loses its end.
UPDATE bodies SET payload = substr(payload, 1, length(payload) - 1) WHERE seq = 304;
