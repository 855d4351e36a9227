"""A small bookshop: the application whose database the tour migrates."""
