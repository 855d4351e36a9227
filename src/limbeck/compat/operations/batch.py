"""`alembic.operations.batch`: what `impl` is inside of `op.batch_alter_table()`.

Revision files import the class for annotations and `isinstance()`. Alembic's other class there,
`ApplyBatchImpl`, makes copies of a table; here `limbeck.dialects` does that, so that it is missing.
"""

from limbeck.operations import BatchBlock as BatchOperationsImpl

__all__ = ["BatchOperationsImpl"]
