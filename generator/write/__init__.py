"""FileSet → chart on disk: the only room that writes to a user's folder. Hand edits survive, and so does a crash."""

from generator.write.plan import Action, Verdict, WritePlan, plan_write, stale
from generator.write.writer import apply

__all__ = ["Action", "Verdict", "WritePlan", "apply", "plan_write", "stale"]
