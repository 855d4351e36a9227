"""limbeck under Alembic's name.

Importing this package hands the name `alembic` to limbeck: afterwards `alembic` and every
`alembic.*` are the modules of `limbeck.compat`.
"""

import sys

from limbeck.compat import install

install(instead_of=sys.modules[__name__])
