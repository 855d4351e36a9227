# One database with an asynchronous driver.

[alembic]
# The folder of env.py, script.py.mako and versions/. %(here)s is the folder of this file.
script_location = ${script_location}

# The names of new files. Fields: rev, slug, epoch, year, month, day, hour, minute, second.
# file_template = %%(year)d_%%(month).2d_%%(day).2d_%%(rev)s_%%(slug)s

# Folders to add to sys.path for env.py and the revisions.
prepend_sys_path = .

# The time zone of the dates in new files, such as UTC. The default is local time.
# timezone =

# The maximum length of the message in a file name.
# truncate_slug_length = 40

# Run env.py also for commands that only write files.
# revision_environment = false

# Accept bytecode without source as revisions.
# sourceless = false

# Folders with revisions, separated by path_separator. The default is versions/ next to env.py.
# version_locations = ${script_location}/versions:%(here)s/more_versions

# The separator of paths in this file: os (; on Windows, else :), space, newline, : or ;
path_separator = os

# Also search the subfolders of these folders.
# recursive_version_locations = false

# The encoding of new files.
# output_encoding = utf-8

# The database URL. env.py may also read it from another place.
sqlalchemy.url = driver+asyncdriver://user:pass@localhost/dbname


[post_write_hooks]
# Programs to run on each new file, in this order.
# hooks = ruff, black

# ruff.type = exec
# ruff.executable = ruff
# ruff.options = check --fix REVISION_SCRIPT_FILENAME

# black.type = console_scripts
# black.entrypoint = black
# black.options = --line-length 100 REVISION_SCRIPT_FILENAME


# Logging, in the format of Python's logging.config.
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
