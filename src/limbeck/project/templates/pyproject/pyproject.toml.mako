[tool.alembic]
# The folder of env.py, script.py.mako and versions/. %(here)s is the folder of this file.
# Write a percent sign twice.
script_location = "${script_location}"

# The names of new files. Fields: rev, slug, epoch, year, month, day, hour, minute, second.
# file_template = "%%(year)d_%%(month).2d_%%(day).2d_%%(rev)s_%%(slug)s"

# Folders to add to sys.path for env.py and the revisions.
prepend_sys_path = ["."]

# The time zone of the dates in new files, such as UTC. The default is local time.
# timezone = "UTC"

# The maximum length of the message in a file name.
# truncate_slug_length = 40

# Run env.py also for commands that only write files.
# revision_environment = false

# Accept bytecode without source as revisions.
# sourceless = false

# Folders with revisions. The default is versions/ next to env.py.
# version_locations = ["${script_location}/versions", "%(here)s/more_versions"]

# Also search the subfolders of these folders.
# recursive_version_locations = false

# The encoding of new files.
# output_encoding = "utf-8"

# Programs to run on each new file, in this order.
# [[tool.alembic.post_write_hooks]]
# name = "ruff"
# type = "exec"
# executable = "ruff"
# options = "check --fix REVISION_SCRIPT_FILENAME"
