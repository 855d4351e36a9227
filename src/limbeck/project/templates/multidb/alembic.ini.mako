# Several databases.

[alembic]
# Where env.py, script.py.mako and versions/ lie. %(here)s stands for this file's folder.
script_location = ${script_location}

# How new files are named. Known words: rev, slug, epoch, year, month, day, hour, minute, second.
# file_template = %%(year)d_%%(month).2d_%%(day).2d_%%(rev)s_%%(slug)s

# Folders, beside Python's own, in which env.py and the revisions find what they import.
prepend_sys_path = .

# The time zone of the dates in new files, such as UTC; without it local time.
# timezone =

# How much of a message goes into a file's name.
# truncate_slug_length = 40

# Run env.py also for commands that only write files.
# revision_environment = false

# Let bytecode without source count as revisions.
# sourceless = false

# Folders with revisions, separated as path_separator says; by default versions/ beside env.py.
# version_locations = ${script_location}/versions:%(here)s/more_versions

# What separates the paths in this file: os (: or ; as the system has it), space, newline, : or ;
path_separator = os

# Look for revisions below these folders, too.
# recursive_version_locations = false

# The encoding of new files.
# output_encoding = utf-8

# The databases; each has a section of its name below.
databases = engine1, engine2

[engine1]
sqlalchemy.url = driver://user:pass@localhost/dbname

[engine2]
sqlalchemy.url = driver://user:pass@localhost/dbname2


[post_write_hooks]
# Programs that run over each new file, in this order.
# hooks = ruff, black

# ruff.type = exec
# ruff.executable = ruff
# ruff.options = check --fix REVISION_SCRIPT_FILENAME

# black.type = console_scripts
# black.entrypoint = black
# black.options = --line-length 100 REVISION_SCRIPT_FILENAME


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
