"""What a run will do, as a value. Nothing here talks to a database."""

from limbeck.plan.steps import Block, Hazard, Lock, Origin, Plan, Step, Timeouts, Tx

__all__ = ["Block", "Hazard", "Lock", "Origin", "Plan", "Step", "Timeouts", "Tx"]
