[tool.limbeck]
# The folder of script.py.mako and versions/. %(here)s is the folder of this file. Write a percent
# sign twice.
script_location = "${script_location}"

# The database URL. ${'$'}{NAME} is a variable of the environment or of the file .env in this
# folder.
url = ${url}

# Your models, as module:path.to.metadata, or a list of these.
metadata = ${metadata}

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
