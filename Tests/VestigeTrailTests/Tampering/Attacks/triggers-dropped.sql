-- finds: database
-- opening: its schema was changed (trigger leaves_update is missing or altered)
-- outside: nothing
-- The rules are dropped and not put back.
DROP TRIGGER leaves_delete; DROP TRIGGER leaves_update;
