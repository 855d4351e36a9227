-- areas that are not the first one
CREATE VIEW areas AS
  SELECT id, name FROM area WHERE id > 2;
