"""A wave with kept outcomes as a computation leaves them: three questions, one background, a hidden group."""

from datetime import UTC, date, datetime
from typing import Any

from koersvast.access.models import Municipality, User
from koersvast.indicators.models import Source
from koersvast.surveys import changes
from koersvast.surveys.codebook import Answer, Cut, Entry, Kind, Role
from koersvast.surveys.models import (
    Catalogue,
    CodebookEntry,
    Computation,
    MicrodataFile,
    SurveyEstimate,
    TabulatedQuestion,
    Wave,
    WeightingChoice,
)

THEN = datetime(2018, 2, 1, 9, tzinfo=UTC)
BASES = [1244, 620, 600, 24]
LAYOUT = {
    "banners": [
        {
            "code": "kern",
            "text_nl": "Kern",
            "text_en": "Village",
            "area_kind": "",
            "categories": [
                {"code": code, "text_nl": name, "text_en": name, "area_code": ""}
                for code, name in (("a", "Dorp"), ("b", "Stad"), ("c", "Gehucht"))
            ],
        }
    ]
}


def entries(*, question: str = "Ervaart u overlast van te hard rijden?") -> list[Entry]:
    """The codebook: a question, what should go first, and a mark."""
    yes_no = (Answer(code=1, text_nl="Veel"), Answer(code=2, text_nl="Geen"))
    return [
        Entry(
            code="rijden", variables=("v1",), role=Role.QUESTION, text_nl=question, text_en="Speeding?",
            answers=yes_no, cuts=(Cut(code="veel", text_nl="veel overlast", text_en="much", answers=(1,)),),
        ),
        Entry(
            code="voorrang", variables=("p1", "p2", "p3"), role=Role.QUESTION, kind=Kind.MULTIPLE,
            text_nl="Wat moet met voorrang?", cuts=(
                Cut(code="een", text_nl="hard rijden", answers=("p1",)),
                Cut(code="twee", text_nl="hondenpoep", answers=("p2",)),
                Cut(code="drie", text_nl="inbraken", answers=("p3",)),
            ),
        ),
        Entry(
            code="cijfer", variables=("c",), role=Role.QUESTION, kind=Kind.MARK, text_nl="Welk rapportcijfer geeft u?",
        ),
    ]  # fmt: skip


def computed_wave(
    town: Municipality, by: User, *, period: str = "2017", share: float = 61.0, question: str = "", frames: bool = False
) -> tuple[Wave, Computation]:
    """Open a wave and keep its outcomes; to be called inside the scope of the town."""
    source, _new = Source.objects.get_or_create(
        municipality=town, code="vm", defaults={"label_nl": "VM", "name_nl": "Veiligheidsmonitor", "kind": "survey"}
    )
    wave = changes.open_wave(source, period=period, by=by, invited=2900, answered=1244, mode_nl="internet")
    file = MicrodataFile.objects.create(
        wave=wave, fingerprint="f" * 64, sealed_name=f"sealed-{period}", file_name="vm.sav", kind_of_file="sav",
        rows=1244, columns=9, dropped_columns=[], received_at=THEN, received_by="Anouk", keep_until=date(2099, 1, 1),
    )  # fmt: skip
    for place, entry in enumerate(entries(**({"question": question} if question else {}))):
        CodebookEntry.objects.create(
            wave=wave, code=entry.code, position=place, role=entry.role.value, content=entry.as_dict(),
            confirmed_at=THEN, confirmed_by="Anouk",
        )  # fmt: skip
    WeightingChoice.objects.create(wave=wave, frame="everybody", method="none", chosen_at=THEN, chosen_by="Anouk")
    computation = Computation.objects.create(
        wave=wave, file=file, inputs=period.ljust(64, "0"), state="done", asked_at=THEN, asked_by="Anouk",
        started_at=THEN, finished_at=THEN, layout=LAYOUT,
        frames=["everybody", "sample", "panel"] if frames else ["everybody"],
        diagnostics={
            "everybody": {"design_effect": 1.2, "effective_respondents": 1037.0, "smallest": 0.4, "largest": 3.1},
            **({name: {"respondents": size} for name, size in (("sample", 902), ("panel", 342))} if frames else {}),
        },
    )  # fmt: skip
    _keep_tables(computation, share)
    _keep_estimates(computation, share, frames=frames)
    return wave, computation


def release(wave: Wave, computation: Computation) -> None:
    """Publish the outcomes."""
    Catalogue.objects.filter(wave=wave).update(released_at=THEN, released_by="Anouk", released_computation=computation)


def _keep_tables(computation: Computation, share: float) -> None:
    yes = [share, 55.0, 66.0, None]
    kept = (
        ("rijden", "single", ["Veel", "Geen"], [yes, [None if one is None else 100 - one for one in yes]], "percent"),
        ("voorrang", "multiple", ["hard rijden", "hondenpoep", "inbraken"],
         [[33.0, 30.0, 35.0, None], [22.0, 21.0, 23.0, None], [21.0, 20.0, 22.0, None]], "percent"),
        ("cijfer", "mean", ["gemiddelde"], [[7.4, 7.3, 7.5, None]], "mark_1_10"),
    )  # fmt: skip
    for place, (code, kind, answers, figures, unit) in enumerate(kept):
        TabulatedQuestion.objects.create(
            computation=computation, frame="everybody", entry_code=code, position=place,
            content=_content(kind, answers, figures, unit),
        )  # fmt: skip


def _content(kind: str, answers: list[str], figures: list[list[float | None]], unit: str) -> dict[str, Any]:
    def moved(by: float) -> list[list[float | None]]:
        return [[None if one is None else one + by for one in line] for line in figures]

    letters = [["" for _ in line] for line in figures]
    letters[0][2] = "a"
    bases = [size if size >= 30 else None for size in BASES]
    return {
        "kind": kind, "rows": [{"code": text, "text_nl": text, "text_en": "", "area_code": ""} for text in answers],
        "unit": unit, "why": [[1 if one is None else 0 for one in line] for line in figures],
        "estimate": figures, "low": moved(-1), "high": moved(1), "standard_error": moved(0), "letters": letters,
        "respondents": bases, "weighted_base": bases, "effective": bases, "degrees_of_freedom": [1243] * len(BASES),
    }  # fmt: skip


def _keep_estimates(computation: Computation, share: float, *, frames: bool) -> None:
    for frame, found, size in (("everybody", share, 1244), ("sample", share, 902), ("panel", share + 12, 342)):
        if frame == "everybody" or frames:
            _estimate(computation, frame, "rijden", "veel", found, size)
            _estimate(computation, frame, "cijfer", "mean", 7.4, size, unit="mark_1_10", error=0.05)
    _estimate(computation, "everybody", "voorrang", "een", 33.0, 1244)
    SurveyEstimate.objects.create(
        computation=computation, entry_code="voorrang", cut_code="twee", frame="everybody", unit="percent",
        is_hidden=True, why_hidden="protects_another",
    )  # fmt: skip


def _estimate(
    computation: Computation, frame: str, entry: str, cut: str, amount: float, size: int, *, unit: str = "percent",
    error: float = 1.5,
) -> None:  # fmt: skip
    SurveyEstimate.objects.create(
        computation=computation, entry_code=entry, cut_code=cut, frame=frame, unit=unit, amount=amount,
        standard_error=error, low=amount - 2 * error, high=amount + 2 * error, respondents=size,
        effective_respondents=size / 1.2, design_effect=1.2, degrees_of_freedom=size - 1, method="survey-estimate 1",
    )  # fmt: skip
