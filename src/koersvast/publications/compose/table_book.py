"""The words of a table book in the language of the reader: headings, sentences under tables, and the reading guide."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from koersvast.indicators.wording import format_day, format_number, language_now
from koersvast.publications.blocks import Block, Bullets, Document, Heading, Language, paragraph, strong
from koersvast.publications.compose.method_statement import MethodFacts, statement_blocks, synthetic_notice
from koersvast.publications.table_book.book import SMALL_BASE, Fact, Front, Why
from koersvast.publications.table_book.lines import COLUMNS
from koersvast.publications.table_book.words import BookWords
from koersvast.publications.theme import Theme


@dataclass(frozen=True, kw_only=True)
class BookFacts:
    """What the front of a table book tells beside the method. `estimation` names how the figures were estimated."""

    questions: int
    backgrounds: tuple[str, ...]
    licence: str
    estimation: str
    corrected_letters: bool
    made_on: date
    computed_on: date | None = None
    is_released: bool = True


def front(method: MethodFacts, facts: BookFacts) -> Front:
    """Return title page, reading guide and method statement in the language that is on."""
    return Front(
        title=_("Table book"),
        subtitle=f"{method.survey} {method.period}",
        municipality=_("Municipality of {name}").format(name=method.municipality),
        notice=_notice(method, facts),
        facts=_title_facts(method, facts),
        guide=tuple(reading_guide(smallest_base=method.smallest_base, corrected_letters=facts.corrected_letters)),
        method=tuple(statement_blocks(method)),
        language=language_now(),
        wave=f"{method.survey} {method.period}",
        estimation=facts.estimation,
    )


def prose(front: Front, words: BookWords, *, theme: Theme, made_on: date) -> Document:
    """Return the reading guide and the method statement as one document, for the page of HTML."""
    deeper = [_deeper(block) for block in (*front.guide, Heading(1, words.method_sheet), *front.method)]
    first_method = len(front.guide)
    blocks = [Heading(1, words.guide_sheet), *deeper]
    blocks[first_method + 1] = Heading(1, words.method_sheet)
    return Document(
        title=front.title,
        municipality=front.municipality,
        language=Language(front.language),
        dated=made_on,
        theme=theme,
        blocks=tuple(blocks),
        numbered=False,
    )


def _deeper(block: Block) -> Block:
    return Heading(min(block.level + 1, 4), block.text) if isinstance(block, Heading) else block


def _notice(method: MethodFacts, facts: BookFacts) -> str:
    found = [synthetic_notice()] if method.is_synthetic else []
    if not facts.is_released:
        found.append(_("Concept: these figures are not released yet. Do not pass them on."))
    return " ".join(found)


def _title_facts(method: MethodFacts, facts: BookFacts) -> tuple[Fact, ...]:
    unknown = pgettext("method statement", "not stated")
    held = [format_day(day) for day in (method.held_from, method.held_until) if day]
    answered = format_number(method.answered, 0) if method.answered is not None else unknown
    lines = (
        (pgettext("table book", "Survey"), f"{method.survey} {method.period}"),
        (
            pgettext("table book", "Held"),
            pgettext("table book", "{first} to {last}").format(first=held[0], last=held[-1]) if held else unknown,
        ),
        (pgettext("table book", "Population"), method.population or unknown),
        (pgettext("table book", "Respondents"), answered),
        (pgettext("table book", "Questions"), format_number(facts.questions, 0)),
        (pgettext("table book", "Backgrounds"), ", ".join(facts.backgrounds) or unknown),
        (pgettext("table book", "Estimation"), facts.estimation or unknown),
        (pgettext("table book", "Computed on"), format_day(facts.computed_on) if facts.computed_on else unknown),
        (pgettext("table book", "Made on"), format_day(facts.made_on)),
        (pgettext("table book", "Licence"), facts.licence or unknown),
    )
    return tuple(Fact(label=label, value=value) for label, value in lines)


def reading_guide(*, smallest_base: int, corrected_letters: bool) -> list[Block]:
    """How to read the tables, in plain words."""
    correction = _(
        "Within a background every pair of columns is compared; the limit is made stricter for the number of pairs "
        "(Bonferroni), so that a whole row gives a false letter in at most 5 of 100 cases."
    )
    uncorrected = _(
        "Within a background every pair of columns is compared, each at 5%. Of twenty pairs that do not differ, one "
        "gets a letter by chance."
    )
    points = (
        (
            pgettext("table book", "A table"),
            _(
                "Each table is one question. Answers run down, backgrounds run across; the first column of figures is "
                "everybody together. A background is asked or known of each respondent, such as age or village."
            ),
        ),
        (
            pgettext("table book", "Weighted share"),
            _(
                "The large figure is the share of the population that would give this answer, as estimated from the "
                "respondents. Groups that answered less often than others count for more, so that the whole resembles "
                "the population."
            ),
        ),
        (
            pgettext("table book", "Margin"),
            _(
                "Under each figure stand the lower and upper limit of its 95% interval. Read the figure as: it lies "
                "between these two, most likely near the middle. A figure without its interval says too much."
            ),
        ),
        (
            pgettext("table book", "Letters"),
            _(
                "Each column of a background has a letter. A letter under a figure means: demonstrably higher than in "
                "the column with that letter, more than chance explains. No letter does not mean that both are equal."
            ),
        ),
        (pgettext("table book", "How often a letter is wrong"), correction if corrected_letters else uncorrected),
        (
            pgettext("table book", "Means"),
            _("A mark or a scale score is a mean and no share; its unit stands with the question."),
        ),
        (
            pgettext("table book", "Several answers"),
            _(
                "Where respondents could give several answers, each answer has its own share; together they come to "
                "more than 100%."
            ),
        ),
        (
            pgettext("table book", "Base"),
            _(
                "Respondents (unweighted) is how many people gave an answer that counts. The weighted base is the sum "
                "of their weights, the effective number says how much that many weighted answers are worth."
            ),
        ),
        (
            pgettext("table book", "Small groups: ( )"),
            _(
                "A figure between brackets in italics rests on {smallest} to {small} respondents. It is an indication "
                "only."
            ).format(smallest=smallest_base, small=SMALL_BASE - 1),
        ),
        (
            pgettext("table book", "Hidden cells: ·"),
            _(
                "A point means: measured, but not shown. Either fewer than {smallest} respondents answered, or the "
                "group is so small that somebody could be recognised. Some cells are hidden because a hidden one could "
                "be worked out from them. A hidden cell is never nought."
            ).format(smallest=smallest_base),
        ),
        (
            pgettext("table book", "Rounding"),
            _("Figures are shown rounded and kept unrounded, so that a column can add up to 99% or 101%."),
        ),
    )
    return [Bullets(tuple(paragraph(strong(f"{name}. "), text) for name, text in points))]


def book_words(*, smallest_base: int) -> BookWords:
    """The words around the figures; `smallest_base` is the base below which nothing is shown."""
    hidden = _("·  Not shown: fewer than {number} respondents gave an answer that counts.").format(number=smallest_base)
    protected = _("·  Not shown, so that nobody's answers can be worked out.")
    return BookWords(
        title_sheet=pgettext("table book", "Title page"),
        guide_sheet=pgettext("table book", "Reading guide"),
        method_sheet=pgettext("table book", "Method"),
        contents_sheet=pgettext("table book", "Contents"),
        tables_sheet=pgettext("table book", "Tables"),
        question=pgettext("table book", "Question"),
        respondents=_("Respondents (unweighted)"),
        weighted_base=pgettext("table book", "Weighted base"),
        effective=_("Respondents that count (effective)"),
        everybody=pgettext("table book", "Total"),
        share="%",
        mean=pgettext("table book", "mean"),
        low=pgettext("table book", "95% from"),
        high=pgettext("table book", "95% to"),
        higher_than=pgettext("table book", "higher than"),
        base=pgettext("table book", "Base"),
        small_base=_("( )  Fewer than {number} respondents: an indication only.").format(number=SMALL_BASE),
        several_answers=_("Several answers were possible, so the shares add up to more than 100%."),
        page=pgettext("table book", "Page"),
        search=_("Search in questions and answers"),
        search_none=_("No question has these words."),
        yes=pgettext("table book", "yes"),
        no=pgettext("table book", "no"),
        hidden={
            Why.SMALL_BASE: hidden,
            Why.SMALL_GROUP: protected,
            Why.PROTECTS_ANOTHER: protected,
            Why.NOT_ESTIMABLE: _("·  Not shown: it cannot be estimated from these answers."),
        },
        hidden_short={
            Why.SMALL_BASE: _("fewer than {number} respondents").format(number=smallest_base),
            Why.SMALL_GROUP: pgettext("table book", "protected"),
            Why.PROTECTS_ANOTHER: pgettext("table book", "protected"),
            Why.NOT_ESTIMABLE: _("cannot be estimated"),
        },
        columns=_columns(),
    )


def _columns() -> dict[str, str]:
    """The headings of the lines of CSV. In English the codes themselves."""
    words = (
        pgettext("csv", "wave"),
        pgettext("csv", "question_code"),
        pgettext("csv", "question"),
        pgettext("csv", "base"),
        pgettext("csv", "kind"),
        pgettext("csv", "answer_number"),
        pgettext("csv", "answer"),
        pgettext("csv", "background_code"),
        pgettext("csv", "background"),
        pgettext("csv", "category_number"),
        pgettext("csv", "category"),
        pgettext("csv", "letter"),
        pgettext("csv", "value"),
        pgettext("csv", "low_95"),
        pgettext("csv", "high_95"),
        pgettext("csv", "standard_error"),
        pgettext("csv", "unit"),
        pgettext("csv", "respondents_unweighted"),
        pgettext("csv", "weighted_base"),
        pgettext("csv", "respondents_effective"),
        pgettext("csv", "small_base"),
        pgettext("csv", "higher_than"),
        pgettext("csv", "hidden_because"),
        pgettext("csv", "estimation"),
    )
    return dict(zip(COLUMNS, words, strict=True))
