-- finds: database
-- opening: its schema was changed (spy does not belong there)
-- outside: nothing
-- A rule of somebody else's, which would run with each entry.
CREATE TRIGGER spy AFTER INSERT ON leaves BEGIN DELETE FROM terms WHERE seq = NEW.seq; END;
