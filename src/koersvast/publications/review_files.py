"""The file of a review: what was read, concluded and decided, the same for a page and for the command line."""

from datetime import date

from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from koersvast.engine.periods import Period
from koersvast.policy.models import Objective
from koersvast.policy.queries.standing import standing
from koersvast.programme.looking_back import speaking_of, standing_from
from koersvast.programme.models import CheckMoment, ObjectiveReview
from koersvast.programme.queries.reviews import actions_seen, kept_actions, reviews_of
from koersvast.programme.reasons import reason_name
from koersvast.publications.blocks import Language
from koersvast.publications.compose.review import ReviewMaterial, ReviewPart, review_document
from koersvast.publications.queries import MadeFile, theme_for
from koersvast.publications.writers import MEDIA_TYPES, WRITERS, Format


def review_file(moment: CheckMoment, form: Format, *, today: date, language: Language = Language.DUTCH) -> MadeFile:
    """Return the review of a moment as a file. Raises ConversionFailed, which names the block that cannot be written.

    What was not read yet is judged now, with the figures of the day of the review.
    """
    with translation.override(language.value):
        document = review_document(review_material(moment, language=language, today=today), made_on=today)
        # Translators: start of a file name, so without spaces.
        stem = _("looking-back")
        name = f"{stem}-{slugify(moment.period)}-{slugify(moment.municipality.name)}.{form.value}"
        return MadeFile(WRITERS[form](document), name, MEDIA_TYPES[form])


def review_material(moment: CheckMoment, *, language: Language, today: date) -> ReviewMaterial:
    """Ask everything that the document shows, in the language that is on."""
    day, reviews = moment.known_on or today, {one.objective_id: one for one in reviews_of(moment)}
    objectives = list(moment.plan.objectives.all())
    lines = {}
    if any(one.pk not in reviews for one in objectives):
        found = standing(moment.plan, known_on=day, today=day)
        lines = {line.code: speaking_of(line, moment.period) for line in found.objectives}
    return ReviewMaterial(
        municipality=moment.municipality.name,
        theme=theme_for(moment.municipality),
        language=language,
        plan_title=moment.plan.title,
        title=moment.title,
        known_on=day,
        closed_on=moment.closed_on,
        year=Period.parse(moment.period).year,
        conclusion=moment.conclusion,
        parts=tuple(
            _read(one, reviews[one.pk], language)
            if one.pk in reviews
            else ReviewPart(
                title=one.title, standing=lines[one.code], actions=actions_seen(moment, one), readers="", reading="",
                reason="", set_aside="", decision=None, is_read=False,
            )
            for one in objectives
        ),
    )  # fmt: skip


def _read(objective: Objective, review: ObjectiveReview, language: Language) -> ReviewPart:
    readers = [*review.figures.get("readers", ()), review.read_by_others]
    reason = [reason_name(review.reason_code, language.value) if review.reason_code else "", review.reason_text]
    return ReviewPart(
        title=objective.title,
        standing=standing_from(review.figures["standing"]),
        actions=kept_actions(review),
        readers=", ".join(one for one in readers if one),
        reading=review.reading,
        reason=". ".join(one for one in reason if one),
        set_aside=review.set_aside,
        decision=review.course_decision,
        is_read=bool(review.reading),
    )
