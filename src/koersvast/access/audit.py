"""The audit: one record for each named change, sealed over the rows it touched, in one hash chain.

A change that is written outside `recorded` still leaves row changes (the triggers see to that), without a token;
`verify` names them. Rewriting, removing or reordering any record or row change breaks the chain.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from koersvast.access.models import AuditRecord, CurrentChange, Municipality, RowChange, User
from koersvast.access.permissions import Permission

GENESIS = "0" * 64
# Any fixed number: writers of the chain queue behind this lock on PostgreSQL.
CHAIN_LOCK = 148_2019


class Event(StrEnum):
    """Every named change of the house."""

    ROLES_LOADED = "roles.loaded"
    MUNICIPALITY_REGISTERED = "municipality.registered"
    MUNICIPALITY_CHANGED = "municipality.changed"
    USER_REGISTERED = "user.registered"
    MEMBERSHIP_GRANTED = "membership.granted"
    MEMBERSHIP_ENDED = "membership.ended"
    LANGUAGE_CHOSEN = "language.chosen"
    TAXONOMY_LOADED = "taxonomy.loaded"
    SOURCE_REGISTERED = "source.registered"
    INDICATOR_REGISTERED = "indicator.registered"
    INDICATOR_REDEFINED = "indicator.redefined"
    BREAK_MARKED = "break.marked"
    MEASUREMENT_PLANNED = "measurement.planned"
    MAPPING_REMEMBERED = "mapping.remembered"
    DELIVERY_STAGED = "delivery.staged"
    DELIVERY_STORED = "delivery.stored"
    DELIVERY_DISCARDED = "delivery.discarded"
    OBSERVATION_WITHDRAWN = "observation.withdrawn"
    FEED_FOLLOWED = "feed.followed"
    FEED_UNFOLLOWED = "feed.unfollowed"
    RETRIEVAL_ASKED = "retrieval.asked"
    RETRIEVAL_STARTED = "retrieval.started"
    RETRIEVAL_FINISHED = "retrieval.finished"
    VINTAGE_ACCEPTED = "vintage.accepted"
    DIFFERENCE_EXPLAINED = "difference.explained"
    CONTROL_PHASE_SET = "control_phase.set"
    CONTROL_PHASE_ENDED = "control_phase.ended"
    BORDERS_TAKEN = "borders.taken"
    AREAS_LOADED = "areas.loaded"
    PLAN_WRITTEN = "plan.written"
    PRINCIPLES_WRITTEN = "principles.written"
    PRIORITY_WRITTEN = "priority.written"
    OBJECTIVE_WRITTEN = "objective.written"
    APPROACH_LINE_WRITTEN = "approach_line.written"
    CLAIM_WRITTEN = "claim.written"
    TARGET_DRAFTED = "target.drafted"
    TARGET_DRAFT_WITHDRAWN = "target.draft_withdrawn"
    TARGETS_DECIDED = "targets.decided"
    TARGETS_REVISED = "targets.revised"
    FINDING_ANSWERED = "finding.answered"
    ANSWER_WITHDRAWN = "answer.withdrawn"
    WAVE_OPENED = "wave.opened"
    WAVE_CHANGED = "wave.changed"
    WAVE_REMOVED = "wave.removed"
    MICRODATA_RECEIVED = "microdata.received"
    MICRODATA_DESTROYED = "microdata.destroyed"
    CODEBOOK_SUGGESTED = "codebook.suggested"
    CODEBOOK_CONFIRMED = "codebook.confirmed"
    WEIGHTING_CHOSEN = "weighting.chosen"
    MARGINS_GIVEN = "margins.given"
    CATALOGUE_CHOSEN = "catalogue.chosen"
    COMPUTATION_ASKED = "computation.asked"
    COMPUTATION_STARTED = "computation.started"
    COMPUTATION_FINISHED = "computation.finished"
    OUTCOMES_RELEASED = "outcomes.released"
    MEASURE_LINKED = "measure.linked"
    MEASURE_UNLINKED = "measure.unlinked"
    PACKAGE_IMPORTED = "package.imported"
    TOKEN_MADE = "token.made"  # noqa: S105 a name of an event
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 a name of an event
    TOKEN_USED = "token.used"  # noqa: S105 a name of an event
    ORGANISATION_WRITTEN = "organisation.written"
    CONTACT_WRITTEN = "contact.written"
    CONTACT_REMOVED = "contact.removed"
    CONTACTS_EXPORTED = "contacts.exported"
    AGREEMENT_WRITTEN = "agreement.written"
    PROMISE_WRITTEN = "promise.written"
    REGIONAL_PLAN_WRITTEN = "regional_plan.written"
    CONSULTATION_WRITTEN = "consultation.written"
    MEETING_PLANNED = "meeting.planned"
    MEETING_CHANGED = "meeting.changed"
    MEETING_RECORDED = "meeting.recorded"
    FOLLOW_UP_SETTLED = "follow_up.settled"
    FEED_MADE = "calendar_feed.made"
    FEED_REVOKED = "calendar_feed.revoked"
    PROGRAMME_WRITTEN = "programme.written"
    PROGRAMME_ADOPTED = "programme.adopted"
    PROGRAMME_CLOSED = "programme.closed"
    ACTION_WRITTEN = "action.written"
    ACTION_REMOVED = "action.removed"
    ACTIONS_CHANGED = "actions.changed"
    ACTIONS_RESTORED = "actions.restored"
    ACTIONS_COPIED = "actions.copied"
    TABLE_STAGED = "table.staged"
    TABLE_TAKEN = "table.taken"
    TABLE_DISCARDED = "table.discarded"
    ACTION_EVALUATED = "action.evaluated"
    PROGRESS_REPORTED = "progress.reported"
    LINK_MADE = "reporting_link.made"
    LINK_REVOKED = "reporting_link.revoked"
    MAIL_CLAIMED = "weekly_mail.claimed"
    MAIL_SENT = "weekly_mail.sent"
    MAIL_FAILED = "weekly_mail.failed"
    MAIL_TAKEN_UP = "weekly_mail.taken_up"
    MAIL_LEFT = "weekly_mail.left"
    CHECK_PLANNED = "check_moment.planned"
    CHECK_OPENED = "check_moment.opened"
    CHECK_CLOSED = "check_moment.closed"
    OBJECTIVE_REVIEWED = "objective.reviewed"
    COURSE_DECIDED = "course.decided"
    CALENDAR_WRITTEN = "calendar.written"
    CALENDAR_MARKED = "calendar.marked"
    COUNCIL_ITEM_WRITTEN = "council_item.written"
    COUNCIL_ITEM_SETTLED = "council_item.settled"
    AUDIT_STARTED = "self_audit.started"
    NORM_SCORED = "norm.scored"
    AUDIT_CLOSED = "self_audit.closed"
    PLAN_STEP_TAKEN = "plan_step.taken"
    PRIORITISING_WRITTEN = "prioritising.written"
    PRIORITIES_SCORED = "priorities.scored"
    PRIORITIES_DECIDED = "priorities.decided"


@dataclass(frozen=True, kw_only=True)
class Operator:
    """Somebody at the command line of the machine, or the installation itself."""

    name: str


@dataclass(frozen=True, kw_only=True)
class ContactActor:
    """A contact who came in by a reporting link, without an account: known here by numbers alone."""

    contact: int
    link: int


@dataclass(frozen=True, kw_only=True)
class Application:
    """Another program with a token: it may do what its scopes say, in one municipality."""

    token: int
    municipality: int
    scopes: frozenset[Permission]


Actor = User | Operator | Application


def describe(actor: Actor | ContactActor) -> str:
    """Return how the audit names `actor`: by number, never by name or address."""
    if isinstance(actor, ContactActor):
        return f"contact:{actor.contact}"
    if isinstance(actor, Application):
        return f"application:{actor.token}"
    return f"user:{actor.pk}" if isinstance(actor, User) else f"operator:{actor.name}"


@dataclass
class Record:
    """What a change fills in while it runs."""

    subject: models.Model | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@contextmanager
def recorded(event: Event, *, by: Actor | ContactActor, municipality: Municipality | None = None) -> Iterator[Record]:
    """Run one named change: one transaction, one audit record sealed over every row it touched.

    A change inside a change joins it: the outermost one writes the record.
    """
    if _token():
        yield Record()
        return
    with transaction.atomic():
        token = str(uuid.uuid4())
        _set_token(token)
        record = Record()
        try:
            yield record
            _seal(event, record, token=token, by=by, municipality=municipality)
        finally:
            if not connection.needs_rollback:
                _set_token("")


def _token() -> str:
    """The token of the change that is running in this transaction, or an empty string."""
    if not connection.in_atomic_block:
        return ""
    if connection.vendor == "sqlite":
        return CurrentChange.objects.values_list("token", flat=True).first() or ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('koersvast.change', true), '')")
        return str(cursor.fetchone()[0])


def _set_token(token: str) -> None:
    if connection.vendor == "sqlite":
        CurrentChange.objects.all().delete()
        if token:
            CurrentChange.objects.create(token=token)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('koersvast.change', %s, true)", [token])


def _seal(
    event: Event, record: Record, *, token: str, by: Actor | ContactActor, municipality: Municipality | None
) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    rows, digest = _rows_digest(token)
    sealed = AuditRecord(
        at=timezone.now().replace(microsecond=0),
        municipality_code=municipality.code if municipality else "",
        actor=describe(by),
        event=event.value,
        subject_kind=record.subject._meta.label_lower if record.subject else "",
        subject_id=str(record.subject.pk) if record.subject else "",
        detail=record.detail,
        token=token,
        rows=rows,
        rows_digest=digest,
        previous_hash=chain_head(),
    )
    sealed.hash = fingerprint(sealed)
    sealed.save(force_insert=True)


def chain_head() -> str:
    """Return the hash of the newest record; write it down elsewhere to be able to notice a cut-off tail."""
    return AuditRecord.objects.order_by("-pk").values_list("hash", flat=True).first() or GENESIS


def _rows_digest(token: str) -> tuple[int, str]:
    digest, rows = hashlib.sha256(), 0
    lines = RowChange.objects.filter(token=token).order_by("pk")
    for line in lines.values_list("table_name", "row_id", "operation", "before", "after").iterator(2000):
        digest.update(json.dumps(line).encode())
        rows += 1
    return rows, digest.hexdigest()


def fingerprint(record: AuditRecord) -> str:
    """Return SHA-256 over everything that `record` says and the hash before it."""
    said = {
        "at": record.at.isoformat(),
        "municipality": record.municipality_code,
        "actor": record.actor,
        "event": record.event,
        "subject": [record.subject_kind, record.subject_id],
        "detail": record.detail,
        "token": record.token,
        "rows": [record.rows, record.rows_digest],
        "previous": record.previous_hash,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What `verify` found. `broken` holds record numbers; `unnamed` counts rows written outside a named change."""

    records: int
    broken: tuple[int, ...]
    unnamed: int
    head: str

    @property
    def is_whole(self) -> bool:
        return not self.broken and not self.unnamed


def verify() -> Verification:
    """Walk the whole chain and compare every record with the rows it sealed."""
    previous, broken, records = GENESIS, [], 0
    for record in AuditRecord.objects.order_by("pk").iterator(2000):
        records += 1
        whole = record.previous_hash == previous and record.hash == fingerprint(record)
        if not whole or (record.rows, record.rows_digest) != _rows_digest(record.token):
            broken.append(record.pk)
        previous = record.hash
    tokens = AuditRecord.objects.values("token")
    unnamed = RowChange.objects.filter(models.Q(token=None) | ~models.Q(token__in=tokens)).count()
    return Verification(records=records, broken=tuple(broken), unnamed=unnamed, head=previous)
