"""How often is a verdict wrong, and how often does an interval cover, when the truth is known?

Ten thousand invented municipalities a scenario, each with a true level that no real municipality ever shows. Their
figures go through the engine; its verdicts are held against the truth. Run:
`python -m benchmarks.simulation [municipalities] [seed]`.

Two kinds of wrong are reported. *Given the verdict*: of all "on course", the part whose level is not at or beyond the
agreed value; this depends on how truth is spread over the agreed values, so that spread (the prior) is stated. *At the
edge*: the level is exactly the agreed value, the hardest case, whatever the prior: how often is "on course" or "off
course" said.
"""

import sys
from dataclasses import dataclass

import numpy as np

from koersvast.engine import batch, counts
from koersvast.engine.dispersion import POISSON, Dispersion, Floats, Spread, spread_of

PRIOR = (
    "level before: lognormal, median 40, sigma 0.8. The judged year comes k = 1 to 4 years later; until then the level "
    "moves by a factor exp(N(-0.09 k, 0.18 √k)), as the registered crime of the IJsselland municipalities did in "
    "2012-2018. Agreed: 0 to 50 % less than the level before, rounded, as plans do (40 → 35, 30, 25, 20). Dispersion "
    "'as registered': lognormal, median 1.85, sigma 1.03, at least 1: quartiles 1.0, 1.8, 3.7 of the same figures"
)
NARROW_PRIOR = "as above, but the level moves by exp(N(-0.10, 0.25)) and -30 % to +10 % is agreed: truth close by"
SURVEY_PRIOR = (
    "true share uniform 5 to 80 %; 300 to 1,500 respondents; change since: N(-2, 5) points; agreed: -8 to +2 points; "
    "answers in clusters (beta-binomial) for a design effect of 2; published with one decimal or in whole percents"
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one scenario gave; all numbers are fractions, nan where there was nothing to count."""

    scenario: str
    covered_exact: float
    covered_mid_p: float
    on_course: float
    off_course: float
    on_course_wrong: float
    off_course_wrong: float
    on_course_at_edge: float
    off_course_at_edge: float
    false_alarm: float
    false_alarm_cautious: float
    change_seen: float
    change_seen_cautious: float


@dataclass(frozen=True, kw_only=True)
class CountWorld:
    """Invented municipalities of which the level is known. Shapes: municipality x year; the last year is judged."""

    levels: Floats
    agreed: Floats
    phis: Floats


def count_world(
    random: np.random.Generator, *, municipalities: int, earlier: int, phi: float | None, narrow: bool = False
) -> CountWorld:
    """Draw levels, agreed values and dispersions; `phi` None draws them as registered crime has them."""
    before = np.exp(np.log(40) + 0.8 * random.standard_normal(municipalities))
    trend = -0.09 * random.uniform(0, 1, municipalities)
    levels = before[:, None] * np.exp(trend[:, None] * np.arange(-earlier, 1))
    later = random.integers(1, 5, municipalities)
    drift, moves = (-0.10, 0.25) if narrow else (-0.09 * later, 0.18 * np.sqrt(later))
    levels[:, -1] = before * np.exp(drift + moves * random.standard_normal(municipalities))
    lowest, highest = (0.7, 1.1) if narrow else (0.5, 1.0)
    agreed = np.maximum(1.0, np.round(before * random.uniform(lowest, highest, municipalities)))
    drawn = np.maximum(1.0, 1.85 * np.exp(1.03 * random.standard_normal(municipalities)))
    return CountWorld(levels=levels, agreed=agreed, phis=drawn if phi is None else np.full(municipalities, phi))


def draw_counts(random: np.random.Generator, *, levels: Floats, phis: Floats) -> Floats:
    """Poisson counts, or negative binomial with variance phi x level."""
    excess = np.maximum(phis[:, None] - 1, 1e-9)
    mixed = np.where(phis[:, None] > 1, random.gamma(levels / excess) * excess, levels)
    return random.poisson(mixed).astype(np.float64)


def run_counts(
    random: np.random.Generator,
    *,
    municipalities: int,
    earlier: int,
    phi: float | None,
    scenario: str,
    narrow: bool = False,
) -> Outcome:
    """Judge the last year of every invented municipality on the years before it."""
    world = count_world(random, municipalities=municipalities, earlier=earlier, phi=phi, narrow=narrow)
    observed = draw_counts(random, levels=world.levels, phis=world.phis)
    found = _dispersion(observed)
    truth, last = world.levels[:, -1], observed[:, -1]
    spread = _spread(found)
    verdict = _evidence(observed, world.agreed, found)
    met = truth <= world.agreed
    on, off = verdict == batch.EVIDENCE_VERDICTS[0], verdict == batch.EVIDENCE_VERDICTS[1]
    edge = draw_counts(
        random, levels=np.concatenate([world.levels[:, :-1], world.agreed[:, None]], axis=1), phis=world.phis
    )
    at_edge = _evidence(edge, world.agreed, _dispersion(edge))
    steady = np.repeat(world.levels[:, :1], observed.shape[1], axis=1)
    still = draw_counts(random, levels=steady, phis=world.phis)
    half = still.copy()
    half[:, -1:] = draw_counts(random, levels=steady[:, -1:] / 2, phis=world.phis)
    alarm, alarm_cautious = _changed(still)
    seen, seen_cautious = _changed(half)
    return Outcome(
        scenario=scenario,
        covered_exact=_covered(truth, last, spread, low_shift=0.0, high_shift=1.0),
        covered_mid_p=_covered(truth, last, spread, low_shift=0.5, high_shift=0.5),
        on_course=float(on.mean()),
        off_course=float(off.mean()),
        on_course_wrong=_part(~met, on),
        off_course_wrong=_part(met, off),
        on_course_at_edge=float((at_edge == batch.EVIDENCE_VERDICTS[0]).mean()),
        off_course_at_edge=float((at_edge == batch.EVIDENCE_VERDICTS[1]).mean()),
        false_alarm=alarm,
        false_alarm_cautious=alarm_cautious,
        change_seen=seen,
        change_seen_cautious=seen_cautious,
    )


def run_shares(
    random: np.random.Generator, *, municipalities: int, design_effect: float, decimals: int, scenario: str
) -> Outcome:
    """Judge a published share against an agreed one, and two waves against each other."""
    before = random.uniform(5, 80, municipalities)
    respondents = random.integers(300, 1500, municipalities).astype(np.float64)
    truth = np.clip(before - 2 + 5 * random.standard_normal(municipalities), 1, 99)
    agreed = np.clip(np.round(before + random.uniform(-8, 2, municipalities)), 1, 99)
    effective = respondents / design_effect
    lower = np.maximum(1.0, before - 10)
    percent, edge, first, second, after = (
        draw_shares(random, truth=share, respondents=respondents, design_effect=design_effect, decimals=decimals)
        for share in (truth, agreed, before, before, lower)
    )
    verdict = _share_evidence(percent, effective, agreed)
    at_edge = _share_evidence(edge, effective, agreed)
    on, off, met = verdict == batch.EVIDENCE_VERDICTS[0], verdict == batch.EVIDENCE_VERDICTS[1], truth <= agreed
    covered = _wilson_covers(truth, percent, effective)
    return Outcome(
        scenario=scenario,
        covered_exact=covered,
        covered_mid_p=float("nan"),
        on_course=float(on.mean()),
        off_course=float(off.mean()),
        on_course_wrong=_part(~met, on),
        off_course_wrong=_part(met, off),
        on_course_at_edge=float((at_edge == batch.EVIDENCE_VERDICTS[0]).mean()),
        off_course_at_edge=float((at_edge == batch.EVIDENCE_VERDICTS[1]).mean()),
        false_alarm=_share_changed(first, second, effective),
        false_alarm_cautious=float("nan"),
        change_seen=_share_changed(first, after, effective),
        change_seen_cautious=float("nan"),
    )


def draw_shares(
    random: np.random.Generator, *, truth: Floats, respondents: Floats, design_effect: float, decimals: int
) -> Floats:
    """Published percents; with a design effect the answers come in clusters (beta-binomial)."""
    p = truth / 100
    if design_effect > 1:
        # A beta with parameters s·p and s·(1 - p) inflates the binomial variance by (s + n)/(s + 1).
        strength = (respondents - design_effect) / (design_effect - 1)
        p = random.beta(strength * p, strength * (1 - p))
    return np.round(100 * random.binomial(respondents.astype(np.int64), p) / respondents, decimals)


def run(municipalities: int, *, seed: int) -> list[Outcome]:
    """All scenarios, each with its own random stream."""
    plan: list[tuple[str, int, float | None]] = [
        ("counts, chance alone, 3 earlier years", 3, 1.0),
        ("counts, chance alone, 4 earlier years", 4, 1.0),
        ("counts, chance alone, 8 earlier years", 8, 1.0),
        ("counts, dispersion as registered, 4 earlier years", 4, None),
        ("counts, dispersion as registered, 5 earlier years", 5, None),
        ("counts, dispersion as registered, 8 earlier years", 8, None),
        ("counts, dispersion 3, 4 earlier years", 4, 3.0),
        ("counts, dispersion 3, 8 earlier years", 8, 3.0),
        ("counts, dispersion 6, 4 earlier years", 4, 6.0),
        ("counts, dispersion 6, 8 earlier years", 8, 6.0),
        ("counts, dispersion as registered, 3 earlier years: not estimable", 3, None),
    ]
    narrow: list[tuple[str, int, float | None]] = [
        ("counts, chance alone, 3 earlier years, narrow prior", 3, 1.0),
        ("counts, dispersion as registered, 8 earlier years, narrow prior", 8, None),
    ]
    surveys = [
        ("survey shares, design effect 1", 1.0, 1),
        ("survey shares, design effect 2", 2.0, 1),
        ("survey shares, design effect 1, whole percents", 1.0, 0),
    ]
    streams = iter(np.random.default_rng(seed).spawn(len(plan) + len(narrow) + len(surveys)))
    outcomes = [
        run_counts(
            next(streams),
            municipalities=municipalities,
            earlier=earlier,
            phi=phi,
            scenario=scenario,
            narrow=chosen is narrow,
        )
        for chosen in (plan, narrow)
        for scenario, earlier, phi in chosen
    ]
    for scenario, design_effect, decimals in surveys:
        outcomes.append(
            run_shares(
                next(streams),
                municipalities=municipalities,
                design_effect=design_effect,
                decimals=decimals,
                scenario=scenario,
            )
        )
    return outcomes


def _spread(found: batch.Dispersions) -> Spread:
    """Chance alone where no dispersion could be estimated."""
    known = found.degrees_of_freedom[:, -1, None] > 0
    if not known.any():
        return POISSON.spread()
    spread = spread_of(found.phi[:, -1], degrees_of_freedom=np.maximum(found.degrees_of_freedom[:, -1], 1))
    return Spread(phis=np.where(known, spread.phis, 1.0), weights=spread.weights)


def _dispersion(observed: Floats) -> batch.Dispersions:
    years = np.arange(observed.shape[1], dtype=np.float64)
    return batch.dispersions(observed, middle_years=years, exposures=np.ones_like(observed))


def _evidence(observed: Floats, agreed: Floats, found: batch.Dispersions) -> np.ndarray:
    wanted = np.full_like(observed, np.nan)
    wanted[:, -1] = agreed
    lower = np.ones(len(observed), dtype=np.bool_)
    weighed = batch.evidence_of_counts(observed, agreed=wanted, dispersion=found, lower_is_better=lower)
    return np.asarray(batch.EVIDENCE_VERDICTS)[weighed.verdict[:, -1]]


def _share_evidence(percent: Floats, effective: Floats, agreed: Floats) -> np.ndarray:
    weighed = batch.evidence_of_shares(
        percent[:, None],
        effective_respondents=effective[:, None],
        agreed=agreed[:, None],
        lower_is_better=np.ones(len(percent), dtype=np.bool_),
    )
    return np.asarray(batch.EVIDENCE_VERDICTS)[weighed.verdict[:, 0]]


def _changed(observed: Floats) -> tuple[float, float]:
    """How often the last year is said to differ from the one before, and how often the cautious p value agrees."""
    found = batch.change_of_counts(
        observed,
        exposures=np.ones_like(observed),
        dispersion=_dispersion(observed),
        lower_is_better=np.ones(len(observed), dtype=np.bool_),
        reference=observed.shape[1] - 2,
    )
    p_value, cautious = found.p_value[:, -1], found.cautious_p_value[:, -1]
    cautious = np.where(np.isnan(cautious), p_value, cautious)
    return float((p_value < 0.05).mean()), float((cautious < 0.05).mean())


def _share_changed(first: Floats, second: Floats, effective: Floats) -> float:
    found = batch.change_of_shares(
        np.stack([first, second], axis=1),
        effective_respondents=np.stack([effective, effective], axis=1),
        lower_is_better=np.ones(len(first), dtype=np.bool_),
    )
    return float((found.p_value[:, -1] < 0.05).mean())


def _covered(level: Floats, count: Floats, spread: Spread, *, low_shift: float, high_shift: float) -> float:
    """How often the interval holds the level: both tails leave it inside, which needs no limits to be solved."""
    above_low = counts.level_probability(level, count, spread=spread, shift=low_shift) >= 0.025
    under_high = counts.level_probability(level, count, spread=spread, shift=high_shift) <= 0.975
    return float((above_low & under_high).mean())


def _wilson_covers(truth: Floats, percent: Floats, effective: Floats) -> float:
    """Wilson's interval holds the share when the score test does not reject it."""
    p, found = truth / 100, percent / 100
    return float((np.abs(found - p) <= 1.959963984540054 * np.sqrt(p * (1 - p) / effective)).mean())


def _part(wrong: np.ndarray, among: np.ndarray) -> float:
    return float(wrong[among].mean()) if among.any() else float("nan")


COLUMNS = (
    ("exact 95 %", "covered_exact"),
    ("mid-p 95 %", "covered_mid_p"),
    ("on course", "on_course"),
    ("wrong", "on_course_wrong"),
    ("off course", "off_course"),
    ("wrong", "off_course_wrong"),
    ("edge: on", "on_course_at_edge"),
    ("edge: off", "off_course_at_edge"),
    ("false alarm", "false_alarm"),
    ("cautious", "false_alarm_cautious"),
    ("seen", "change_seen"),
    ("cautious", "change_seen_cautious"),
)


def table(outcomes: list[Outcome]) -> str:
    """The outcomes as a table in percent."""
    lines = ["| Scenario | " + " | ".join(name for name, _ in COLUMNS) + " |", "|---" + "|--:" * len(COLUMNS) + "|"]
    for outcome in outcomes:
        cells = [getattr(outcome, field) for _, field in COLUMNS]
        shown = ["–" if cell != cell else f"{100 * cell:.1f}" for cell in cells]  # noqa: PLR0124 (nan)
        lines.append(f"| {outcome.scenario} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def stricter(municipalities: int, *, seed: int) -> str:
    """What "on course" would take where counts scatter much: other thresholds, the exact tail, the dispersion known."""
    rules = ("from .90", "from .95", "from .975", "from .99", "exact tail from .90", "dispersion known, from .90")
    lines = ["| Scenario | " + " | ".join(rules) + " |", "|---" + "|--:" * len(rules) + "|"]
    for phi in (3.0, 6.0):
        for earlier in (4, 8):
            random = np.random.default_rng([seed, int(phi), earlier])
            world = count_world(random, municipalities=municipalities, earlier=earlier, phi=phi)
            observed = draw_counts(random, levels=world.levels, phis=world.phis)
            spread, last = _spread(_dispersion(observed)), observed[:, -1]
            mid = counts.level_probability(world.agreed, last, spread=spread)
            exact = counts.level_probability(world.agreed, last, spread=spread, shift=1.0)
            known = counts.level_probability(world.agreed, last, spread=Dispersion(phi=phi).spread())
            chosen = [*(mid >= limit for limit in (0.90, 0.95, 0.975, 0.99)), exact >= 0.90, known >= 0.90]
            missed = world.levels[:, -1] > world.agreed
            cells = [f"{100 * on.mean():.1f}, wrong {100 * _part(missed, on):.1f}" for on in chosen]
            lines.append(f"| dispersion {phi:.0f}, {earlier} earlier years | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Print the prior, the table and what it should be read against."""
    municipalities = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20_221
    print(f"{municipalities} invented municipalities a scenario, seed {seed}, all numbers in percent\n")
    print(f"Counts: {PRIOR}.\nNarrow prior: {NARROW_PRIOR}.\nShares: {SURVEY_PRIOR}.\n")
    print(table(run(municipalities, seed=seed)))
    print(f"\nOn course said, and wrong when said, by other rules:\n\n{stricter(4 * municipalities, seed=seed)}")
    print(
        "\nedge: the level is exactly the agreed value. false alarm: nothing changed. seen: halved, or 10 points less. "
        "cautious: with the cautious p value, which counts that the dispersion itself is uncertain."
    )


if __name__ == "__main__":
    main()
