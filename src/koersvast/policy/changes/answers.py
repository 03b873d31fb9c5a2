"""Answers to findings of the plan check: known, because ..."""

import re

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from koersvast.access import audit
from koersvast.access.audit import Actor, Event
from koersvast.access.models import User
from koersvast.access.permissions import Permission
from koersvast.access.queries import authorise
from koersvast.policy.checks import RULES
from koersvast.policy.models import Answer, Plan

# Other floors number their rules under a letter of their own; whether the finding occurs is asked before answering.
OF_AN_UPPER_FLOOR = re.compile(r"[A-OQ-Z]\d\d")


def answer_finding(*, plan: Plan, rule: str, place: str, text: str, by: Actor, name: str = "") -> Answer:
    """Answer the finding of `rule` at `place` (its stable key); answering again replaces the text.

    The name beside the answer is that of the person who answers; only an operator gives one (`name`).
    """
    authorise(by, Permission.CHECK_ANSWER, plan.municipality, on=timezone.localdate())
    if rule not in RULES and not OF_AN_UPPER_FLOOR.fullmatch(rule):
        raise ValidationError({"rule": ValidationError(_("The plan check has no such rule."), code="unknown_rule")})
    if not text.strip():
        raise ValidationError({"text": ValidationError(_("Say why this is known."), code="answer_without_text")})
    with audit.recorded(Event.FINDING_ANSWERED, by=by, municipality=plan.municipality) as record:
        answer = plan.answers.filter(rule=rule, place=place).first() or Answer(plan=plan, rule=rule, place=place)
        answer.text = text.strip()
        answer.name = by.name if isinstance(by, User) else name or audit.describe(by).partition(":")[2]
        answer.answered_by = by if isinstance(by, User) else None
        answer.answered_at = timezone.now().replace(microsecond=0)
        answer.full_clean()
        answer.save()
        record.subject, record.detail = answer, {"rule": rule, "place": place}
    return answer


def withdraw_answer(*, plan: Plan, rule: str, place: str, by: Actor) -> None:
    """Take the answer back: the finding is open again."""
    authorise(by, Permission.CHECK_ANSWER, plan.municipality, on=timezone.localdate())
    with audit.recorded(Event.ANSWER_WITHDRAWN, by=by, municipality=plan.municipality) as record:
        answer = plan.answers.filter(rule=rule, place=place).first()
        if answer is None:
            raise ValidationError(_("This finding has no answer."), code="no_answer")
        answer.delete()
        record.subject, record.detail = plan, {"rule": rule, "place": place}
