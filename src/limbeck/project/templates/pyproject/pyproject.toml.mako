[tool.alembic]
# Where env.py, script.py.mako and versions/ lie. %(here)s stands for this file's folder,
# a percent sign is written twice.
script_location = "${script_location}"

# How new files are named. Known words: rev, slug, epoch, year, month, day, hour, minute, second.
# file_template = "%%(year)d_%%(month).2d_%%(day).2d_%%(rev)s_%%(slug)s"

# Folders, beside Python's own, in which env.py and the revisions find what they import.
prepend_sys_path = ["."]

# The time zone of the dates in new files, such as UTC; without it local time.
# timezone = "UTC"

# How much of a message goes into a file's name.
# truncate_slug_length = 40

# Run env.py also for commands that only write files.
# revision_environment = false

# Let bytecode without source count as revisions.
# sourceless = false

# Folders with revisions; by default versions/ beside env.py.
# version_locations = ["${script_location}/versions", "%(here)s/more_versions"]

# Look for revisions below these folders, too.
# recursive_version_locations = false

# The encoding of new files.
# output_encoding = "utf-8"

# Programs that run over each new file, in this order.
# [[tool.alembic.post_write_hooks]]
# name = "ruff"
# type = "exec"
# executable = "ruff"
# options = "check --fix REVISION_SCRIPT_FILENAME"
