# What differs from one installation to the next; the rest stands in pyproject.toml.

[alembic]
# The database, as SQLAlchemy writes it; env.py may just as well take it from elsewhere.
sqlalchemy.url = driver+asyncdriver://user:pass@localhost/dbname


# What Python's logging.config reads: who says how much, and where to.
[loggers]
keys = root,sqlalchemy,alembic

[handlers]
keys = console

[formatters]
keys = generic

[logger_root]
level = WARNING
handlers = console
qualname =

[logger_sqlalchemy]
level = WARNING
handlers =
qualname = sqlalchemy.engine

[logger_alembic]
level = INFO
handlers =
qualname = alembic

[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = generic

[formatter_generic]
format = %(levelname)-5.5s [%(name)s] %(message)s
datefmt = %H:%M:%S
