[tool.limbeck]
# Where script.py.mako and versions/ lie. %(here)s stands for this file's folder,
# a percent sign is written twice.
script_location = "${script_location}"

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

# The databases, in the order in which they are migrated: URL and models of each.
[tool.limbeck.databases.engine1]
url = ${url}
metadata = ${metadata}

[tool.limbeck.databases.engine2]
url = "driver://user:pass@localhost/dbname2"
metadata = "myapp.models2:Base.metadata"
