"""Words by which variables and answers of Dutch and English questionnaires are recognised. Pure: patterns only.

Every pattern is held against a text in small letters, without accents, with single spaces.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from koersvast.surveys.codebook.entries import AreaKind, Polarity, Role

_SPACE = re.compile(r"\s+")


def bare(text: str) -> str:
    """Return a label for comparing: small letters, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", text)
    return _SPACE.sub(" ", "".join(c for c in plain if not unicodedata.combining(c)).casefold()).strip()


def slug(text: str, *, taken: Iterable[str] = ()) -> str:
    """Return a code for a text; a number behind it when the code is taken."""
    made = re.sub(r"[^a-z0-9]+", "_", bare(text)).strip("_")[:60] or "x"
    others, number, found = set(taken), 2, made
    while found in others:
        found, number = f"{made}_{number}", number + 1
    return found


# A name with a number behind it: one of a row.
NUMBERED = re.compile(r"(.*[a-z])[_.]?\d{1,2}", re.IGNORECASE)


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


# What a variable is for, by its name or its label. The first that fits counts.
ROLE_NAMES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (Role.WEIGHT, _any(r"^(eind|basis|ontwerp)?(weeg|wegings?)(factor|gewicht)?", r"^gewicht",
                       r"^(final_?)?w(ei)?gh?ts?$", r"^weight", r"^pw$", r"^wt$")),
    (Role.STRATUM, _any(r"^strat(um|a|nr)?s?$", r"^stratum")),
    (Role.CLUSTER, _any(r"^cluster", r"^psu$", r"^(primaire )?steekproefeenheid")),
    (Role.POPULATION, _any(r"^fpc$", r"^populatie(omvang)?", r"^population", r"^stratumomvang")),
    (Role.IGNORED, _any(r"^(resp(ondent)?|case|record|row|user|deelnemer)?[ _-]?(id|nr|nummer|no|number|code)$",
                        r"^volgnummer", r"^lfdn$", r"^caseid", r"^token$", r"^(start|end|submit)date", r"^datestamp",
                        r"^(datum|tijd|duur|interviewtime|lastpage|startlanguage|seed)")),
)  # fmt: skip
FRAME_VARIABLE = _any("steekproef", "panel", "frame", "kader", "herkomst respondent", "bron van de respons", "sample")
IS_PANEL = _any("panel")
IS_SAMPLE = _any("steekproef", "sample", "aselect", "random", "post", "brp", "probability")

BACKGROUNDS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "sex": _any(r"^geslacht", r"\bgeslacht\b", r"^sekse", r"^gender", r"^sex\b", r"man of (een )?vrouw"),
        "age": _any(r"^leeftijd", r"\bleeftijd\b", r"leeftijdsklasse", r"^age\b", r"geboortejaar", r"hoe oud"),
        "kern": _any(r"^(dorps)?kern(en)?\b", r"\bkern\b", r"woonkern", r"woonplaats", r"^dorp\b", r"welk dorp"),
        "wijk": _any(r"^wijk(en|code|naam)?\b", r"in welke wijk"),
        "buurt": _any(r"^buurt(en|code|naam)?$", r"in welke buurt"),
        "education": _any("opleiding", r"^educ", "onderwijs(niveau)?"),
        "household": _any("huishoud", "household", "gezinssituatie"),
        "work": _any("betaald werk", "arbeids(situatie|positie)", "werksituatie", r"^employment"),
        "origin": _any("migratieachtergrond", "geboorteland", "herkomstland", "country of birth"),
        "housing": _any("huur.*koop", "koop.*huur", "woningtype", "type woning", "housing type"),
    }
)
AREAS: Mapping[str, AreaKind] = MappingProxyType(
    {"kern": AreaKind.KERN, "wijk": AreaKind.WIJK, "buurt": AreaKind.BUURT}
)
AREA_CODE = re.compile(r"(?:WK\d{6}|BU\d{8})")

MISSING_ANSWER = _any(
    r"^(dat )?weet (ik )?(het )?(niet|nog niet)", r"weet niet", r"geen (mening|antwoord|opgave)$", r"^geen mening",
    r"^n\.? ?v\.? ?t\.?", r"niet van toepassing", r"wil (ik )?(dat )?(liever )?niet zeggen", r"zeg ik liever niet",
    r"^(onbekend|niet ingevuld|niet beantwoord|ontbreekt|missing|weigert?|geweigerd|overgeslagen)$", r"^geen antwoord",
    r"^(i )?(do not|don.?t) know", r"^(dk|na|n/a|refused|no answer|no opinion|not applicable|unknown)$",
    r"prefer not to (say|answer)", r"^not applicable", r"^no answer",
)  # fmt: skip
NOT_NAMED = _any(
    r"^niet (genoemd|aangekruist|gekozen)$", r"^not (mentioned|quoted|selected|checked)$", r"^(nee|no|unchecked)$"
)
NAMED = _any(r"^(genoemd|gekozen)$", r"^(mentioned|quoted|selected|checked)$", r"^(ja|yes)$", r"^(wel )?aangekruist$")
YES, NO = _any(r"^(ja|yes)\b"), _any(r"^(nee|no)\b")

AGREE_MUCH = _any(r"(helemaal|zeer|volledig|sterk) (mee )?eens", r"(strongly|fully|totally) agree", r"agree strongly")
AGREE = _any(r"^(mee )?eens", r"^agree$")
DISAGREE_MUCH = _any(r"(helemaal|zeer|volledig|sterk) (mee )?oneens", r"(strongly|fully|totally) disagree")
DISAGREE = _any(r"^(mee )?oneens", r"^disagree$", r"niet mee eens")
NEUTRAL = _any(r"neutraal", r"niet eens.*niet oneens", r"niet mee eens.*niet mee oneens", r"neutral", r"neither")

MUCH = _any(r"\bveel\b", r"\b(a lot|much)\b")
A_LITTLE = _any(r"een beetje", r"\benige\b", r"\b(a )?(little|some|bit)\b")
NONE = _any(r"^geen\b", r"^(helemaal )?niet$", r"^niets?\b", r"^(none|not at all|no)\b")
OCCURS = _any(r"komt .*\bvoor\b", r"wel ?eens voor", r"voorkomt", r"\boccurs?\b", r"does .* happen")
OFTEN, SOMETIMES = _any(r"^(zeer |heel )?vaak", r"^(very )?often"), _any(r"^(soms|wel ?eens|af en toe)", r"^sometimes")
RARELY = _any(r"^(zelden|bijna nooit|\(bijna\) nooit|nooit)", r"^(rarely|seldom|hardly ever|never)")
SATISFIED = _any(r"^(zeer|heel|erg)? ?tevreden", r"^(very )?satisfied")
DISSATISFIED = _any(r"ontevreden", r"dissatisfied")

MARK = _any(r"rapportcijfer", r"welk cijfer", r"\bcijfer\b", r"\bgrade\b", r"\bmark\b.*10", r"1 (tot en met|t/m|to) 10")
AGE_IN_YEARS = _any(r"^leeftijd", r"\bleeftijd\b", r"^age\b", r"hoe oud")

LOWER = _any("overlast", "onveilig", "slachtoffer", "bang", "angst", "vernield", "rommel", "te hard", "inbraak",
             "diefstal", "bedreig", "nuisance", "unsafe", "victim", "probleem", "achteruit")  # fmt: skip
HIGHER = _any("tevreden", "prettig", "veilig", "leefbaar", "cijfer", "vertrouwen", "cohesie", "thuis", "satisf",
              "trust", "livab", "aangifte", "melding", "vooruit")  # fmt: skip

# Statements that together are the score of social cohesion (VM; RIVM on the VM of 2021; Zwolle's own site).
COHESION = _any(
    r"kennen elkaar", r"gaan .*prettig met elkaar om", r"gezellige buurt", r"voel(t)? (mij|me|zich) thuis",
    r"veel contact met", r"samenstelling van de bevolking", r"huissleutel", r"spreken elkaar aan", r"saamhorig",
    r"know each other", r"get along", r"feel at home", r"contact with .*neighbours", r"house key",
)  # fmt: skip
# A statement with which one agrees when things are bad.
REVERSED = _any(r"\b(nauwelijks|amper)\b", r"kennen elkaar niet", r"\b(hardly|barely|scarcely)\b", r"\bniet\b",
                r"\bnot\b", r"\bgeen\b")  # fmt: skip


def polarity_of(text: str) -> Polarity:
    """Which way is better, by the words of a question; unknown when it says neither, or both."""
    found = bare(text)
    lower, higher = bool(LOWER.search(found)), bool(HIGHER.search(found.replace("onveilig", "")))
    if lower == higher:
        return Polarity.LOWER_IS_BETTER if "onveilig" in found or "overlast" in found else Polarity.UNKNOWN
    return Polarity.LOWER_IS_BETTER if lower else Polarity.HIGHER_IS_BETTER
