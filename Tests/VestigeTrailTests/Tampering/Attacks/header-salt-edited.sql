-- finds: header 302
-- refused: bodies are never changed
-- The header's salt.
UPDATE bodies SET header_salt = flip(header_salt, 31) WHERE seq = 302;
