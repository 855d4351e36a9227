<%!
import re
%>"""${message}

Revision ID: ${up_revision}
Revises: ${comma(down_revision) or "<base>"}
Create Date: ${create_date}
"""

${import_lines}

revision = ${quoted(up_revision)}
down_revision = ${quoted(down_revision)}
branch_labels = ${quoted(branch_labels)}
depends_on = ${quoted(depends_on)}


def upgrade(engine_name: str) -> None:
    globals()[f"upgrade_{engine_name}"]()


def downgrade(engine_name: str) -> None:
    globals()[f"downgrade_{engine_name}"]()
<%
    databases = config.get_alembic_option("databases") or ""
    names = list(databases) if isinstance(databases, dict) else [name for name in re.split(r",\s*", databases.strip()) if name]
%>\
% for name in names:


def upgrade_${name}() -> None:
    ${context.get(name + "_upgrades") or "pass"}


def downgrade_${name}() -> None:
    ${context.get(name + "_downgrades") or "pass"}
% endfor
