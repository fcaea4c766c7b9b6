-- finds: header 300
-- refused: bodies are never changed
-- One letter of a header.
UPDATE bodies SET header = flip(header, 40) WHERE seq = 300;
