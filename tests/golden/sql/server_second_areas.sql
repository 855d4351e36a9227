-- areas that are not the first one
CREATE OR REPLACE VIEW areas AS
  SELECT id, name FROM area WHERE id > 2;
