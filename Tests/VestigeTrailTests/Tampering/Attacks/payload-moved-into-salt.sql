-- finds: payload 310
-- refused: bodies are never changed
-- Entry 310 was recorded with a payload inside its payload. What stands before the inner one is counted to the salt: the hash is the same.
UPDATE bodies SET payload_salt = CAST(payload_salt || substr(payload, 1, 9) AS BLOB), payload = substr(payload, 10) WHERE seq = 310;
