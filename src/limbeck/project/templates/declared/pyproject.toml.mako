[tool.limbeck]
# Where script.py.mako and versions/ lie. %(here)s stands for this file's folder,
# a percent sign is written twice.
script_location = "${script_location}"

# The database, as SQLAlchemy writes it. ${'$'}{NAME} is a variable of the environment, or of the
# file .env beside this one.
url = ${url}

# Your models: module, colon, and what leads to the MetaData there. A list names several.
metadata = ${metadata}

# Folders, beside Python's own, in which the models and revisions find what they import.
prepend_sys_path = ${prepend_sys_path}

# How new files are named. Known words: rev, slug, epoch, year, month, day, hour, minute, second.
# file_template = "%%(year)d_%%(month).2d_%%(day).2d_%%(rev)s_%%(slug)s"

# The time zone of the dates in new files, such as UTC; without it local time.
# timezone = "UTC"

# How long to wait, in seconds, for another run and for locks on tables.
# lock_timeout = 60

# What else differs between installations, chosen with --env NAME.
# [tool.limbeck.env.staging]
# url = "${'$'}{STAGING_DATABASE_URL}"
