-- finds: stray 900
-- A body behind the end.
INSERT INTO bodies SELECT 900, header_salt, header, payload_salt, payload FROM bodies WHERE seq = 1;
