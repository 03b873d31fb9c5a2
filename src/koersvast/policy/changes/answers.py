"""Answers to findings of the plan check: known, because ..."""

from koersvast.access.audit import Actor
from koersvast.policy.models import Answer, Plan


def answer_finding(*, plan: Plan, rule: str, place: str, text: str, by: Actor, name: str = "") -> Answer:
    """Answer the finding of `rule` at `place`; answering again replaces the text. `name` only for an operator."""
    raise NotImplementedError


def withdraw_answer(*, plan: Plan, rule: str, place: str, by: Actor) -> None:
    """Take the answer back: the finding is open again."""
    raise NotImplementedError
