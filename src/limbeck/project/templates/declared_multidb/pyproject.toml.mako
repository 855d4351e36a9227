[tool.limbeck]
# The folder of script.py.mako and versions/. %(here)s is the folder of this file. Write a percent
# sign twice.
script_location = "${script_location}"

# Folders to add to sys.path for the models and the revisions.
prepend_sys_path = ${prepend_sys_path}

# The names of new files. Fields: rev, slug, epoch, year, month, day, hour, minute, second.
# file_template = "%%(year)d_%%(month).2d_%%(day).2d_%%(rev)s_%%(slug)s"

# The time zone of the dates in new files, such as UTC. The default is local time.
# timezone = "UTC"

# How long to wait, in seconds, for another run and for locks on tables.
# lock_timeout = 60

# Settings of one environment, selected with --env NAME.
# [tool.limbeck.env.staging]
# url = "${'$'}{STAGING_DATABASE_URL}"

# The databases with their URLs and models, in the order in which they are migrated.
[tool.limbeck.databases.engine1]
url = ${url}
metadata = ${metadata}

[tool.limbeck.databases.engine2]
url = "driver://user:pass@localhost/dbname2"
metadata = "myapp.models2:Base.metadata"
