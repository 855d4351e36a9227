"""Data that a migration would lose: find risks in scripts and drafts, count rows, apply a policy.

`script_analysis` and `operation_risks` find risks, `counts` compares them with the rows in the
database, and `policy` decides whether to warn, to ask or to refuse.
"""

from limbeck.data_loss.counts import Condition, unfitting_values
from limbeck.data_loss.policy import Confirm, DataLossGuard, warn_about_draft
from limbeck.data_loss.unimported_models import find_unimported_models

__all__ = [
    "Condition",
    "Confirm",
    "DataLossGuard",
    "find_unimported_models",
    "unfitting_values",
    "warn_about_draft",
]
