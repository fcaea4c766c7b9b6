-- finds: header 120, payload 120, retention 120
-- file: pruned
-- A body at a place whose own was pruned.
INSERT INTO bodies SELECT 120, header_salt, header, payload_salt, payload FROM bodies WHERE seq = 1;
