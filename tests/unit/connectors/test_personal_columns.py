"""Columns that point at a person are found by name and by content; columns that do not are left in peace."""

import random
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from koersvast.connectors.microdata import Microdata, MissingCodes, ValueKind, Variable
from koersvast.connectors.personal_columns import (
    PersonalColumn,
    PersonalKind,
    passes_eleven_test,
    personal_columns,
    refuse_personal,
)

chance = random.Random(11)  # noqa: S311 (a repeatable series, no secret)
ROWS = 60


def kind_of(cells: Sequence[Any]) -> ValueKind:
    some = next(cell for cell in cells if cell is not None)
    if isinstance(some, str):
        return ValueKind.TEXT
    return ValueKind.DAY if isinstance(some, date) else ValueKind.NUMBER


def found(columns: Mapping[str, Sequence[Any]], **facts: Any) -> dict[str, str]:
    """Return the kinds of the columns that point at a person; "*" when only inside answers."""
    variables = tuple(Variable(name=name, kind=kind_of(cells), **facts) for name, cells in columns.items())
    table = pa.table({
        name: pa.array([float(c) if isinstance(c, int) else c for c in cells]) for name, cells in columns.items()
    })  # fmt: skip
    columns_found = personal_columns(Microdata(variables=variables, table=table, kind_of_file="csv"))
    return {each.name: each.kind.value + "*" * each.inside_answers for each in columns_found}


def digits(number: int) -> str:
    return "".join(str(chance.randrange(10)) for _ in range(number))


def bsn() -> str:
    while not passes_eleven_test(number := str(chance.randrange(10**8, 10**9))):
        pass
    return number


def iban() -> str:
    bare = "ABNA" + digits(10)
    number = int("".join(str(int(sign, 36)) for sign in bare + "NL00"))
    return f"NL{98 - number % 97:02}{bare}"


def many(make: Any) -> list[Any]:
    return [make() for _ in range(ROWS)]


def postcode() -> str:
    return f"77{digits(2)} {chance.choice('ABCDEFGHJK')}{chance.choice('BCEGHJKLMN')}"


PERSONAL: dict[str, tuple[str, list[Any]]] = {
    "e-mail": ("email", many(lambda: f"p{digits(4)}@voorbeeld.nl")),
    "phone of a house": ("phone", many(lambda: f"0529-{chance.randrange(400000, 499999)}")),
    "mobile phone": ("phone", many(lambda: f"06 {chance.randrange(10, 59)} {digits(3)} {digits(3)}")),
    "mobile phone abroad": ("phone", many(lambda: f"+316{chance.randrange(10, 59)}{digits(6)}")),
    "mobile phone as number": ("phone", many(lambda: 610_000_000 + chance.randrange(70_000_000))),
    "bsn": ("bsn", many(bsn)),
    "bsn as number": ("bsn", many(lambda: int(bsn()))),
    "iban": ("iban", many(iban)),
    "iban in groups": ("iban", many(lambda: " ".join(re.findall(".{1,4}", iban())))),
    "ip address": ("ip", many(lambda: ".".join(str(chance.randrange(1, 255)) for _ in range(4)))),
    "ip address six": ("ip", many(lambda: f"2001:db8::{chance.randrange(1, 9999):x}")),
    "address": ("address", many(lambda: f"Dorpsstraat {chance.randrange(1, 200)}")),
    "postcode and house": ("address", many(lambda: f"{postcode()} {chance.randrange(1, 99)}")),
    "full postcode": ("postcode", many(postcode)),
    "token": ("token", many(lambda: f"k{digits(6)}Zq{digits(6)}")),
    "day of birth": ("birth_date", many(lambda: date(1930, 1, 1) + timedelta(days=chance.randrange(28_000)))),
    "person": ("name", many(lambda: f"{chance.choice('ABCDEJKLM')}. {chance.choice(['', 'de ', 'van der '])}V"
                                    f"{''.join(chance.choice('aeioulnrst') for _ in range(7))}")),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(PERSONAL))
def test_column_is_known_by_what_is_in_it(case: str) -> None:
    kind, cells = PERSONAL[case]
    assert found({"v17": cells}) == {"v17": kind}
    assert found({"v17": [*cells[:30], *[None] * 30]}) == {"v17": kind}


@pytest.mark.parametrize(("name", "cells", "kind"), [
    ("Achternaam", ["Jansen", "Pietersen", "Bos"], "name"), ("voor_naam", ["Anne", "Bram", "Chris"], "name"),
    ("E-mail adres", ["onbekend 1", "geen@", "x at y 3"], "email"), ("TelNr", ["492 311", "492 312"], "phone"),
    ("BSN", [123456, 7654321], "bsn"), ("huisnummer", list(range(1, 61)), "address"),
    ("geboorteDatum", [19450217, 19880301], "birth_date"),
    ("Geboortedatum", ["17-02-1945", "1 mrt 1988"], "birth_date"),
    ("straat", ["Dorpsweg", "Kerkplein", "Brink"], "address"), ("token", ["abcde", "fghij", "klmno"], "token"),
    ("geboortedatum", [date(1980, 2, 3), date(1980, 9, 3)], "birth_date"), ("rekeningnummer", [1234567], "iban"),
])  # fmt: skip
def test_column_is_known_by_its_name(name: str, cells: list[Any], kind: str) -> None:
    assert found({name: cells}) == {name: kind}


@pytest.mark.parametrize(("answer", "kind"), [
    ("bel mij op 06-12345678 a.u.b.", "phone"), ("mail naar jan@voorbeeld.nl", "email"),
    ("ik woon 7721 AB 12 en het tocht", "address"), ("Kerkweg 3, 7721 ab Dalfsen", "address"),
    ("mijn bsn is 111222333", "bsn"), ("maak over op NL91ABNA0417164300", "iban"),
    ("https://voorbeeld.nl/enquete?token=abc", "token"),
])  # fmt: skip
def test_one_open_answer_that_points_at_a_person_is_found(answer: str, kind: str) -> None:
    others = [f"Het is hier {word} {chance.randrange(9)} keer" for word in ("druk", "donker", "stil", "laat") * 12]
    assert found({"open": [*others, answer]}) == {"open": kind + "*"}


INNOCENT: dict[str, list[Any]] = {
    "respondentnummer": [300_000_000 + number for number in range(400)],
    "respnr": [chance.randrange(10**8, 10**9) for _ in range(800)],
    "respnr_kort": list(range(1, 400)),
    "gewicht": [chance.uniform(0.2, 4.5) for _ in range(400)],
    "inkomen": [chance.randrange(300_000, 620_000) for _ in range(400)],
    "bedrag": [chance.randrange(6_000, 280_000) for _ in range(400)],
    "pc4": [chance.choice([7711, 7721, 7722, 8148]) for _ in range(400)],
    "postcode4": [chance.choice(["7711", "7721", "8148"]) for _ in range(400)],
    "geboortejaar": [chance.randrange(1930, 2002) for _ in range(400)],
    "invuldag": [date(2017, 9, 1) + timedelta(days=chance.randrange(60)) for _ in range(400)],
    "submitdate": [f"2017-09-{chance.randrange(10, 30)} 12:{chance.randrange(10, 60)}:03" for _ in range(400)],
    "email": [chance.choice(["ja", "nee"]) for _ in range(400)],
    "mobiel": [chance.choice([0, 1]) for _ in range(400)],
    "telefoon": [chance.choice([1, 2, 3, 4, 5]) for _ in range(400)],
    "naam_wijk": [chance.choice(["Hoonhorst", "Lemelerveld Noord", "Oudleusen"]) for _ in range(400)],
    "kern": [chance.choice(["Nieuw Leusen", "Den Ham", "De Marshoek", "Oud Leusen"]) for _ in range(400)],
    "land": [chance.choice(["NL", "BE", "DE"]) for _ in range(400)],
    "open": [f"Te hard rijden op de weg, {n} keer per week, sinds {2000 + n % 20}" for n in range(400)],
    "open2": [f"Bij nummer {n} is het om 23:{n % 60:02} uur op 0{n % 9 + 1}-09-2017 druk" for n in range(400)],
    "score": [chance.uniform(50.6, 53.7) for _ in range(400)],
    "versie": [chance.choice(["1.2.3", "2.0.1"]) for _ in range(400)],
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(INNOCENT))
def test_column_that_points_at_nobody_is_left_in_peace(name: str) -> None:
    assert found({name: INNOCENT[name]}) == {}


def test_columns_that_point_at_nobody_do_not_do_so_together() -> None:
    assert found({name: cells[:60] for name, cells in INNOCENT.items() if len(cells) >= 60}) == {}


def test_postcode_in_large_groups_points_at_nobody() -> None:
    cells = [chance.choice(["7721 AB", "7722 CD", "7711 EF"]) for _ in range(300)]
    assert found({"pc6": cells}) == {}


def test_address_over_several_columns_is_found() -> None:
    four, letters = many(lambda: 7700 + chance.randrange(30)), many(lambda: postcode()[-2:])
    house = many(lambda: chance.randrange(1, 10))
    assert found({"postcode": four, "huisnr": house}) == {"postcode": "address", "huisnr": "address"}
    assert found({"postcode": four, "letters": letters}) == {"letters": "postcode"}
    assert found({"letters": letters}) == {}


def test_place_of_a_house_is_found_in_degrees_and_in_metres() -> None:
    north, east = many(lambda: 52.4 + chance.random() / 10), many(lambda: 6.2 + chance.random() / 10)
    assert found({"a": north, "b": east}) == {"a": "location", "b": "location"}
    assert found({"a": north}) == {}
    metres = {
        "x_rd": many(lambda: chance.randrange(205_000, 215_000)),
        "y_rd": many(lambda: chance.randrange(495_000, 505_000)),
    }
    assert found(metres) == {"x_rd": "location", "y_rd": "location"}


def test_choice_from_a_list_is_no_personal_column_whatever_its_labels() -> None:
    labels = {1.0: "Ja", 2.0: "Nee", 3.0: "info@dalfsen.nl"}
    assert found({"email": [1, 2, 3, 1]}, value_labels=labels) == {}


def test_missing_codes_do_not_hide_a_column() -> None:
    cells = [int(bsn()) for _ in range(20)] + [999_999_998] * 60
    assert found({"v1": cells}, missing=MissingCodes(values=(999_999_998.0,))) == {"v1": "bsn"}


def test_eleven_test_follows_the_weights() -> None:
    assert passes_eleven_test("111222333")
    assert passes_eleven_test("012345672")
    assert passes_eleven_test("12345672")
    assert not any(map(passes_eleven_test, ["111222334", "000000000", "1112223330", "1112223", "", "1112²2333"]))


def test_refusal_names_columns_and_kinds_and_no_answer() -> None:
    problem = refuse_personal([
        PersonalColumn(name="mail", kind=PersonalKind.EMAIL), PersonalColumn(name="bsn", kind=PersonalKind.BSN),
    ]).problem  # fmt: skip
    assert (problem.name, dict(problem.values)) == ("personal_columns", {"columns": "mail=email; bsn=bsn", "count": 2})
