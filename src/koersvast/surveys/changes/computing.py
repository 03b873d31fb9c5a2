"""All estimates of a wave, computed in one go: asked for, done by a worker or at once, and released.

A computation that dies on the way leaves nothing half: its tables and estimates are written in the transaction that
calls it done. The same inputs are computed once; asking again returns what is there.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from traceback import format_tb
from typing import Any

from django.db import IntegrityError, transaction
from django.tasks import task
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from koersvast.access import audit
from koersvast.access.audit import Actor, Event, Operator
from koersvast.connectors.sealed import Destroyed, SealBroken
from koersvast.engine.disclosure import ReleaseRefused
from koersvast.engine.quantities import Reason
from koersvast.surveys.changes.waves import allow
from koersvast.surveys.codebook import PANEL, SAMPLE, Role
from koersvast.surveys.inputs import Inputs, NotReady, inputs_of
from koersvast.surveys.microdata_store import read_answers
from koersvast.surveys.models import (
    Catalogue,
    Computation,
    ComputationProgress,
    SurveyEstimate,
    TabulatedQuestion,
    Wave,
)
from koersvast.surveys.preparing import POOLED, NotPrepared, Prepared, frames_of, prepare
from koersvast.surveys.released_before import bearing_on
from koersvast.surveys.tabulating import METHOD, Measured, Outcome, apart, outcome_of
from koersvast.surveys.weighed import diagnostics_as_dict

logger = logging.getLogger(__name__)
SURVEYS_OPERATOR = Operator(name="surveys")
STUCK_AFTER = timedelta(minutes=20)
NEVER_BEGUN_AFTER = timedelta(days=1)
_SIGN_EVERY = timedelta(seconds=1)
_BATCH = 1000

type Report = Callable[[str, int, int | None], None]


class AlreadyComputing(Exception):
    """Another process has begun this computation, or it is finished."""


class NotReleasable(Exception):
    """The outcomes cannot be published like this; `code` says why: not_done, out_of_date."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ask_computation(wave: Wave, *, by: Actor, queued: bool = True) -> Computation:
    """Ask for the estimates of a wave as it is now; what is waiting, running or done for the same is returned.

    With `queued` a worker computes; without, the caller calls `compute`. Raises Denied or NotReady.
    """
    allow(by, wave.municipality)
    inputs = inputs_of(wave)
    same = Computation.objects.filter(wave=wave, inputs=inputs.digest).exclude(state=Computation.State.FAILED)
    if found := same.first():
        return found
    if not inputs.file.can_be_read:
        raise NotReady("answers_destroyed")
    try:
        with audit.recorded(Event.COMPUTATION_ASKED, by=by, municipality=wave.municipality) as record:
            made = Computation.objects.create(
                wave=wave,
                file=inputs.file,
                inputs=inputs.digest,
                core=inputs.core,
                asked_at=timezone.now(),
                asked_by=audit.describe(by),
            )
            record.subject, record.detail = made, {"inputs": inputs.digest}
            if queued:
                transaction.on_commit(lambda: run_computation.enqueue(made.pk))
    except IntegrityError:
        # Two people at the same moment: the constraint lets one of them through.
        return same.get()
    return made


def compute_now(wave: Wave, *, by: Actor, progress: Report | None = None) -> Computation:
    """Ask for the estimates and compute them here, for the command line. `progress` gets step, done and total."""
    asked = ask_computation(wave, by=by, queued=False)
    return asked if asked.state != Computation.State.QUEUED else compute(asked, progress=progress)


def compute(computation: Computation, *, progress: Report | None = None) -> Computation:
    """Do a computation that was asked for. What is wrong with the wave ends in the state "failed" with its problems.

    Raises AlreadyComputing for one that somebody else does or did.
    """
    computation = _begin(computation)
    report = _signs_of(computation, progress)
    try:
        inputs = inputs_of(computation.wave)
        if inputs.digest != computation.inputs:
            return _fail(computation, "inputs_changed")
        report("reading", 0, None)
        outcomes, diagnostics = _outcomes(inputs, report)
        report("storing", 0, None)
        return _store(computation, inputs, outcomes, diagnostics)
    except NotPrepared as error:
        return _fail(computation, error.code, **error.values)
    except NotReady as error:
        return _fail(computation, error.code)
    except ReleaseRefused as error:
        return _end(computation, Computation.State.FAILED, problems=_one_of_each(error.reasons))
    except Destroyed:
        return _fail(computation, "answers_destroyed")
    except SealBroken:
        return _fail(computation, "seal_broken")
    except Exception as error:  # noqa: BLE001 told on without its message
        # The message of an error may hold an answer; its kind and place do not.
        place = "".join(format_tb(error.__traceback__))
        logger.error("computation %s: %s\n%s", computation.pk, type(error).__name__, place)
        _fail(computation, "went_wrong")
        raise RuntimeError(f"computation {computation.pk}: {type(error).__name__}") from None


def release(computation: Computation, *, by: Actor) -> Catalogue:
    """Publish the outcomes of a computation: from now on who may see surveys sees these.

    What an attacker could find back was asked when it was computed, the only moment at which there are counts; a
    computation that did not withstand it is not done. Raises Denied or NotReleasable.
    """
    wave = computation.wave
    allow(by, wave.municipality)
    with audit.recorded(Event.OUTCOMES_RELEASED, by=by, municipality=wave.municipality) as record:
        catalogue = Catalogue.objects.select_for_update(of=("self",)).get(wave=wave)
        if computation.state != Computation.State.DONE:
            raise NotReleasable("not_done")
        # Protected against what was released until it was computed; a later release may stand between.
        later = Computation.objects.filter(wave=wave, released_at__gt=computation.started_at).exclude(pk=computation.pk)
        if later.exists():
            raise NotReleasable("out_of_date")
        now = timezone.now()
        catalogue.released_at, catalogue.released_by = now, audit.describe(by)
        catalogue.released_computation = computation
        catalogue.save(update_fields=["released_at", "released_by", "released_computation"])
        Computation.objects.filter(pk=computation.pk, released_at=None).update(released_at=now)
        record.subject, record.detail = catalogue, {"computation": computation.pk}
    return catalogue


def sweep_stuck(*, by: Actor, now: datetime | None = None) -> list[Computation]:
    """Close computations whose process is gone: no sign of life for twenty minutes. Asking again computes anew."""
    moment = now or timezone.now()
    with scopes_disabled():
        running = Computation.objects.filter(state=Computation.State.RUNNING, started_at__lt=moment - STUCK_AFTER)
        stuck = list(running.exclude(progress__last_sign_at__gte=moment - STUCK_AFTER))
        stuck += Computation.objects.filter(state=Computation.State.QUEUED, asked_at__lt=moment - NEVER_BEGUN_AFTER)
        minutes = int(STUCK_AFTER.total_seconds() // 60)
        problems = [_as_json("stopped_halfway", {"minutes": minutes})]
        return [_end(one, Computation.State.FAILED, problems=problems, by=by) for one in stuck]


@task()
def run_computation(number: int) -> str:
    """What the worker does with a computation that was asked for; returns the state it ends in."""
    with scopes_disabled():
        found = Computation.objects.filter(pk=number).select_related("wave__municipality").first()
    if found is None:
        return ""
    with scope(municipality=found.wave.municipality):
        try:
            return str(compute(found).state)
        except AlreadyComputing:
            return str(Computation.objects.get(pk=number).state)


def _begin(computation: Computation) -> Computation:
    municipality = computation.wave.municipality
    with audit.recorded(Event.COMPUTATION_STARTED, by=SURVEYS_OPERATOR, municipality=municipality) as record:
        claimed = Computation.objects.select_for_update(of=("self",)).select_related(
            "wave__municipality", "wave__source"
        )
        found = claimed.get(pk=computation.pk)
        if found.state != Computation.State.QUEUED:
            raise AlreadyComputing(str(found.state))
        found.state, found.started_at = Computation.State.RUNNING, timezone.now()
        found.save(update_fields=["state", "started_at"])
        record.subject = found
    return found


def _outcomes(inputs: Inputs, report: Report) -> tuple[dict[str, Outcome], dict[str, Any]]:
    """The chosen frame with all its tables, and beside it every other frame for everybody together."""
    microdata = read_answers(inputs.file)
    outcomes, diagnostics = {}, {}
    for frame in frames_to_estimate(inputs, list(frames_of(microdata, inputs.entries))):
        is_first = frame == inputs.choice.frame
        prepared = prepare(
            microdata,
            inputs.entries,
            inputs.choice,
            inputs.margins,
            frame=frame,
            backgrounds=_backgrounds(inputs) if is_first else (),
            questions=inputs.questions,
        )
        background = _frame_entry(inputs)
        before = bearing_on(inputs.released_before, frame=frame, is_first=is_first, background=background)
        outcomes[frame] = outcome_of(
            prepared,
            rules=inputs.rules,
            released_before=before,
            progress=lambda done, total: report("estimating", done, total),
        )
        if not is_first:
            whole = outcomes[inputs.choice.frame]
            outcomes[frame] = apart(outcomes[frame], frame=frame, whole=whole, background=background)
        diagnostics[frame] = _diagnosed(prepared)
    return outcomes, diagnostics


def frames_to_estimate(inputs: Inputs, present: Sequence[str]) -> list[str]:
    """The frames of a computation, the chosen one first; sample and panel apart wherever the file names them."""
    others = [frame for frame in (SAMPLE, PANEL) if frame in present and frame != inputs.choice.frame]
    return [inputs.choice.frame, *others]


def _backgrounds(inputs: Inputs) -> tuple[str, ...]:
    """The columns of the table book. Of frames taken together the frame itself is one, so that showing them apart
    beside the whole is protected like any other group."""
    frame = _frame_entry(inputs)
    if inputs.choice.frame == POOLED and frame and frame not in inputs.backgrounds:
        return (*inputs.backgrounds, frame)
    return inputs.backgrounds


def _frame_entry(inputs: Inputs) -> str:
    return next((entry.code for entry in inputs.entries if entry.role is Role.FRAME), "")


def _diagnosed(prepared: Prepared) -> dict[str, Any]:
    return diagnostics_as_dict(prepared) | {"respondents": prepared.respondents}


def _store(
    computation: Computation, inputs: Inputs, outcomes: Mapping[str, Outcome], diagnostics: Mapping[str, Any]
) -> Computation:
    first = next(iter(outcomes.values()))
    municipality = computation.wave.municipality
    with audit.recorded(Event.COMPUTATION_FINISHED, by=SURVEYS_OPERATOR, municipality=municipality) as record:
        found = Computation.objects.select_for_update(of=("self",)).get(pk=computation.pk)
        if found.state != Computation.State.RUNNING:
            raise AlreadyComputing(str(found.state))
        for frame, outcome in outcomes.items():
            TabulatedQuestion.objects.bulk_create(_tables(found, frame, outcome), batch_size=_BATCH)
            SurveyEstimate.objects.bulk_create(
                [_estimate(found, frame, one) for one in outcome.measures], batch_size=_BATCH
            )
        found.state, found.finished_at, found.problems = Computation.State.DONE, timezone.now(), []
        found.frames, found.diagnostics = list(outcomes), dict(diagnostics)
        # With the codebook as it was: numbers keep the words they were computed under.
        found.layout = {**first.layout, "entries": [entry.as_dict() for entry in inputs.entries]}
        found.said = [one.as_json() for outcome in outcomes.values() for one in outcome.told]
        found.questions = len(first.tables)
        found.estimates = sum(len(outcome.measures) for outcome in outcomes.values())
        found.hidden = sum(outcome.hidden for outcome in outcomes.values())
        found.save()
        record.subject = found
        record.detail = {"state": "done", "estimates": found.estimates, "hidden": found.hidden}
    return found


def _tables(computation: Computation, frame: str, outcome: Outcome) -> list[TabulatedQuestion]:
    return [
        TabulatedQuestion(
            computation=computation, frame=frame, entry_code=one.entry_code, position=place, content=dict(one.content)
        )
        for place, one in enumerate(outcome.tables)
    ]


def _estimate(computation: Computation, frame: str, one: Measured) -> SurveyEstimate:
    return SurveyEstimate(
        computation=computation, frame=frame, method=METHOD, is_hidden=bool(one.why_hidden), **asdict(one)
    )


def _fail(computation: Computation, code: str, **values: str | int | float) -> Computation:
    return _end(computation, Computation.State.FAILED, problems=[_as_json(code, values)])


def _end(
    computation: Computation,
    state: Computation.State,
    *,
    problems: Sequence[Mapping[str, Any]],
    by: Actor = SURVEYS_OPERATOR,
) -> Computation:
    with audit.recorded(Event.COMPUTATION_FINISHED, by=by, municipality=computation.wave.municipality) as record:
        found = Computation.objects.select_for_update(of=("self",)).get(pk=computation.pk)
        found.state, found.finished_at, found.problems = state, timezone.now(), list(problems)
        found.save(update_fields=["state", "finished_at", "problems"])
        record.subject = found
        record.detail = {"state": str(state), "problems": [one["code"] for one in problems]}
    return found


def _signs_of(computation: Computation, also: Report | None) -> Report:
    """A report that writes a sign of life at most once a second, and at every new step."""
    last: dict[str, Any] = {"at": None, "step": ""}

    def report(step: str, done: int, total: int | None) -> None:
        now = timezone.now()
        if last["at"] is None or step != last["step"] or now - last["at"] >= _SIGN_EVERY:
            last.update(at=now, step=step)
            ComputationProgress.objects.update_or_create(
                computation=computation, defaults={"step": step, "done": done, "total": total, "last_sign_at": now}
            )
        if also:
            also(step, done, total)

    return report


def _one_of_each(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """The first problem of each code with the number of its places: a correction touches every table alike."""
    first: dict[str, Reason] = {}
    for one in reasons:
        first.setdefault(one.code, one)
    places = Counter(one.code for one in reasons)
    return [_as_json(code, {**one.values, "places": places[code]}) for code, one in first.items()]


def _as_json(code: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": code, "values": dict(values)}
