"""What the two invented waves must come to: the printed figures of 2017, and a scenario for 2021.

The shares, marks and scores of 2017 are those in tables 2 to 5 and chapters 4 and 5 of the plan of Dalfsen (2018).
Which statements make its two scores the plan does not say: those here are invented. Every figure of 2021 is invented.
"""

from dataclasses import replace
from types import MappingProxyType

from koersvast.surveys.practice_waves import Nuisance, Question, Statements, Story

# Lifts on the scale of log odds, by kern (Dalfsen, Nieuwleusen, Lemelerveld, Oudleusen, Hoonhorst, Buitengebied).
_BUSY_ROADS = (0.0, 0.25, 0.1, 0.1, -0.2, -0.7)
_IN_TOWN = (0.25, 0.15, 0.0, -0.3, -0.3, -0.8)
_YOUNG = (0.4, 0.15, 0.0, -0.4)
_OLD = (-0.3, -0.1, 0.1, 0.25)

_NUISANCE = (
    Nuisance(
        name="hondenpoep",
        text="hondenpoep op straat, op de stoep of in het groen",
        occurs=66,
        bothered=47,
        by_kern=_IN_TOWN,
    ),
    Nuisance(name="rommel", text="rommel op straat", occurs=44, bothered=25, by_kern=_IN_TOWN),
    Nuisance(name="bekladding", text="bekladde muren of gebouwen", occurs=6, bothered=3, by_kern=_IN_TOWN),
    Nuisance(name="hard_rijden", text="te hard rijden", occurs=78, bothered=61, by_kern=_BUSY_ROADS),
    Nuisance(name="buurtbewoners", text="overlast door buurtbewoners", occurs=24, bothered=12, by_kern=_IN_TOWN),
    Nuisance(name="jongeren", text="overlast van groepen jongeren", occurs=8, by_kern=_IN_TOWN),
    Nuisance(name="brommers", text="agressief rijgedrag van brommers en scooters", occurs=21, by_kern=_BUSY_ROADS),
    Nuisance(name="fietsers", text="agressief rijgedrag van fietsers", occurs=8),
    Nuisance(name="parkeren_evenement", text="parkeeroverlast bij evenementen", occurs=9, by_kern=_IN_TOWN),
    Nuisance(name="parkeren_overig", text="andere parkeeroverlast", occurs=21, by_kern=_IN_TOWN),
)

_QUESTIONS = (
    Question(
        name="slachtoffer",
        text="Bent u in de afgelopen twaalf maanden slachtoffer geweest van een of meer delicten?",
        percent=28,
        by_age=_YOUNG,
    ),
    Question(
        name="cyber",
        text="Bent u in de afgelopen twaalf maanden slachtoffer geweest van een vorm van cybercriminaliteit?",
        percent=8,
        by_age=_YOUNG,
    ),
    Question(
        name="onveilig_centrum",
        text="Voelt u zich weleens onveilig in het centrum van uw kern?",
        percent=3,
        is_frequency=True,
    ),
    Question(
        name="onveilig_winkels", text="Voelt u zich weleens onveilig in uw winkelgebied?", percent=2, is_frequency=True
    ),
    Question(
        name="onveilig_uitgaan",
        text="Voelt u zich weleens onveilig bij uitgaansgelegenheden?",
        percent=9,
        is_frequency=True,
        by_age=_YOUNG,
    ),
    Question(
        name="onveilig_station",
        text="Voelt u zich weleens onveilig bij het treinstation?",
        percent=9,
        is_frequency=True,
        by_age=_YOUNG,
    ),
    Question(
        name="info_ziekte",
        text="Wilt u informatie over wat te doen bij een ziekte die zich snel verspreidt?",
        percent=41,
        by_age=_OLD,
    ),
    Question(
        name="info_kraanwater",
        text="Wilt u informatie over wat te doen bij geen of vervuild kraanwater?",
        percent=38,
        by_age=_OLD,
    ),
    Question(
        name="info_gevaarlijk",
        text="Wilt u informatie over wat te doen bij een verkeersongeluk met gevaarlijke stoffen?",
        percent=36,
        by_age=_OLD,
    ),
    Question(name="risicokaart", text="Weet u dat de risicokaart bestaat?", percent=13),
    Question(name="risico_omgeving", text="Weet u welke risico's er in uw directe omgeving zijn?", percent=24),
)

_STATEMENTS = (
    Statements(
        name="cohesie",
        intro="In hoeverre bent u het eens met de stelling:",
        items=(
            ("de mensen in mijn buurt kennen elkaar nauwelijks", True),
            ("de mensen in mijn buurt gaan prettig met elkaar om", False),
            ("ik woon in een gezellige buurt waar mensen elkaar helpen", False),
            ("ik voel mij thuis bij de mensen in mijn buurt", False),
        ),
        score=7.0,
    ),
    Statements(
        name="voorziening",
        intro="In hoeverre bent u het eens met de stelling:",
        items=(
            ("wegen en paden in mijn buurt zijn goed onderhouden", False),
            ("het groen in mijn buurt is goed onderhouden", False),
            ("mijn buurt is goed verlicht", False),
            ("er zijn goede speelplekken voor kinderen", False),
            ("er zijn goede voorzieningen voor jongeren", False),
        ),
        score=6.3,
    ),
)

WAVE_2017 = Story(
    period="2017",
    seed=2017,
    invited=2_900,
    from_sample=824,
    from_panel=420,
    population=21_900,
    nuisance=_NUISANCE,
    questions=_QUESTIONS,
    marks=MappingProxyType(
        {
            "cijfer_leefbaarheid": ("Welk rapportcijfer geeft u voor de leefbaarheid in uw buurt?", 7.8),
            "cijfer_veiligheid": ("Welk rapportcijfer geeft u voor de veiligheid in uw kern?", 7.4),
        }
    ),
    statements=_STATEMENTS,
    not_reported=58,
    priorities=MappingProxyType(
        {
            "te hard rijden": 33,
            "hondenpoep": 22,
            "woninginbraken": 21,
            "parkeren": 17,
            "drugs": 15,
            "rommel": 12,
            "jongeren": 9,
        }
    ),
)

_SCENARIO = MappingProxyType(
    {
        "hondenpoep": (63.0, 45.0),
        "rommel": (46.0, 28.0),
        "bekladding": (6.0, 3.0),
        "hard_rijden": (74.0, 56.0),
        "buurtbewoners": (21.0, 11.0),
        "jongeren": (12.0, None),
        "brommers": (20.0, None),
        "fietsers": (9.0, None),
        "parkeren_evenement": (8.0, None),
        "parkeren_overig": (23.0, None),
    }
)
_SCENARIO_QUESTIONS = MappingProxyType(
    {
        "slachtoffer": 24.0,
        "cyber": 14.0,
        "onveilig_centrum": 3.0,
        "onveilig_winkels": 2.0,
        "onveilig_uitgaan": 8.0,
        "onveilig_station": 10.0,
        "info_ziekte": 29.0,
        "info_kraanwater": 31.0,
        "info_gevaarlijk": 27.0,
        "risicokaart": 18.0,
        "risico_omgeving": 27.0,
    }
)

WAVE_2021 = replace(
    WAVE_2017,
    period="2021",
    seed=2021,
    from_sample=771,
    from_panel=402,
    population=22_350,
    nuisance=tuple(replace(one, occurs=_SCENARIO[one.name][0], bothered=_SCENARIO[one.name][1]) for one in _NUISANCE),
    questions=tuple(replace(one, percent=_SCENARIO_QUESTIONS[one.name]) for one in _QUESTIONS),
    marks=MappingProxyType(
        {
            "cijfer_leefbaarheid": (WAVE_2017.marks["cijfer_leefbaarheid"][0], 7.9),
            "cijfer_veiligheid": (WAVE_2017.marks["cijfer_veiligheid"][0], 7.5),
        }
    ),
    statements=(replace(_STATEMENTS[0], score=6.9), replace(_STATEMENTS[1], score=6.4)),
    not_reported=61,
    priorities=MappingProxyType(
        {
            "te hard rijden": 30,
            "hondenpoep": 21,
            "woninginbraken": 14,
            "parkeren": 19,
            "drugs": 18,
            "rommel": 14,
            "jongeren": 12,
        }
    ),
    # One question was asked in other words: the next codebook must notice.
    renamed=MappingProxyType({"onveilig_station": "Voelt u zich weleens onveilig op of rond het station?"}),
)

STORIES = (WAVE_2017, WAVE_2021)

# Which measure of the codebook is which indicator of the plan: entry and cut, indicator.
FOR_INDICATORS = MappingProxyType(
    {
        ("hondenpoep_overlast", "beetje_tot_veel"): "hondenpoep",
        ("rommel_overlast", "beetje_tot_veel"): "rommel-op-straat",
        ("bekladding_overlast", "beetje_tot_veel"): "bekladding",
        ("hard_rijden_overlast", "beetje_tot_veel"): "te-hard-rijden",
        ("buurtbewoners_overlast", "beetje_tot_veel"): "overlast-omwonenden",
        ("buurtbewoners_komt_voor", "komt_voor"): "overlast-buurtbewoners",
        ("jongeren_komt_voor", "komt_voor"): "jeugdoverlast-ervaren",
        ("brommers_komt_voor", "komt_voor"): "agressief-brommers",
        ("fietsers_komt_voor", "komt_voor"): "agressief-fietsers",
        ("parkeren_evenement_komt_voor", "komt_voor"): "parkeren-evenementen",
        ("parkeren_overig_komt_voor", "komt_voor"): "parkeren-overig",
        ("slachtoffer", "ja"): "slachtofferschap",
        ("cyber", "ja"): "slachtoffer-cybercrime",
        ("onveilig_centrum", "wel_eens"): "onveilig-centrum",
        ("onveilig_winkels", "wel_eens"): "onveilig-winkelgebied",
        ("onveilig_uitgaan", "wel_eens"): "onveilig-uitgaan",
        ("onveilig_station", "wel_eens"): "onveilig-treinstation",
        ("info_ziekte", "ja"): "informatie-ziekte",
        ("info_kraanwater", "ja"): "informatie-kraanwater",
        ("info_gevaarlijk", "ja"): "informatie-gevaarlijke-stoffen",
        ("risicokaart", "ja"): "kennis-risicokaart",
        ("risico_omgeving", "ja"): "kennis-risico-omgeving",
        ("aangifte", "nee"): "geen-aangifte",
        ("cijfer_leefbaarheid", "mean"): "leefbaarheid-rapportcijfer",
        ("cijfer_veiligheid", "mean"): "veiligheid-rapportcijfer",
        ("sociale_cohesie", "mean"): "sociale-cohesie",
        ("voorziening", "mean"): "fysieke-voorzieningen",
        ("voorrang", "te_hard_rijden"): "voorrang-te-hard-rijden",
        ("voorrang", "hondenpoep"): "voorrang-hondenpoep",
        ("voorrang", "woninginbraken"): "voorrang-woninginbraken",
    }
)
