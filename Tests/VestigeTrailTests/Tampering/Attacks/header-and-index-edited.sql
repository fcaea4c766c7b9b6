-- finds: header 301
-- refused: bodies are never changed
-- A look becomes one for another purpose, in the header and in the index that is derived from it.
UPDATE bodies SET header = CAST(replace(CAST(header AS TEXT), '"purpose":"support"', '"purpose":"billing"') AS BLOB) WHERE seq = 301;
UPDATE index_rows SET purpose = 'billing' WHERE seq = 301;
