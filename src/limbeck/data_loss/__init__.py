"""Data that a migration would lose: find risks in scripts and drafts, count rows, apply a policy.

`script_analysis` and `operation_risks` find risks, and `counts` compares them with the rows in the
database. Before a run, `policy` decides whether to warn, to ask or to refuse. `draft_warnings`
warns of a draft.
"""

from limbeck.startup.lazy_exports import lazy_exports

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.data_loss.counts import Condition, unfitting_values
    from limbeck.data_loss.draft_warnings import warn_about_draft
    from limbeck.data_loss.policy import Confirm, DataLossGuard
    from limbeck.data_loss.unimported_models import find_unimported_models

__all__ = [
    "Condition",
    "Confirm",
    "DataLossGuard",
    "find_unimported_models",
    "unfitting_values",
    "warn_about_draft",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "counts": ("Condition", "unfitting_values"),
        "draft_warnings": ("warn_about_draft",),
        "policy": ("Confirm", "DataLossGuard"),
        "unimported_models": ("find_unimported_models",),
    },
)
