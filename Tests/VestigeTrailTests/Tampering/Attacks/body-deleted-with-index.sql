-- finds: missing 312
-- refused: a body goes only by redaction, or by a retention plan after 30 days
-- A body and everything that leads to it, with no plan and no redaction.
DELETE FROM bodies WHERE seq = 312; DELETE FROM index_rows WHERE seq = 312; DELETE FROM terms WHERE seq = 312;
