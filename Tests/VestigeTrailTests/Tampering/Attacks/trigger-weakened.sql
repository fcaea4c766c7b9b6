-- finds: database
-- opening: its schema was changed (trigger bodies_delete is missing or altered)
-- outside: nothing
-- A rule stands there under its name and does nothing.
DROP TRIGGER bodies_delete; CREATE TRIGGER bodies_delete BEFORE DELETE ON bodies BEGIN SELECT 1; END;
