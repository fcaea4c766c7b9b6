-- finds: payload 599
-- refused: bodies are never changed
-- The payload's salt.
UPDATE bodies SET payload_salt = flip(payload_salt, 0) WHERE seq = 599;
