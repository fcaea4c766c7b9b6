-- finds: header 10, header 11, payload 10, payload 11
-- refused: bodies are never changed
-- Two entries exchange their bodies.
UPDATE bodies SET seq = -1 WHERE seq = 10; UPDATE bodies SET seq = 10 WHERE seq = 11; UPDATE bodies SET seq = 11 WHERE seq = -1;
