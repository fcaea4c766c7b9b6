-- finds: payload 306, payload 307
-- refused: bodies are never changed
-- Two entries exchange what was sealed, with its salts.
CREATE TEMP TABLE taken AS SELECT seq, payload_salt, payload FROM bodies WHERE seq IN (306, 307);
UPDATE bodies SET (payload_salt, payload) = (SELECT payload_salt, payload FROM taken WHERE taken.seq = 613 - bodies.seq) WHERE seq IN (306, 307);
