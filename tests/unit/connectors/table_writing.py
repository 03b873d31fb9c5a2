"""Write the answers of a table service from cells that a test made up: OData 3 in JSON and Atom, OData 4.

The table is invented (90001NED): three dimensions with padded keys, a count that is zero where absent, a decimal
measure, and a text. The writers are the tests' own and share nothing with the readers.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from koersvast.connectors.statline import Protocol, TableAddress, TableDescription, describe

TABLE = "90001NED"
V3 = TableAddress(host="dataderden.cbs.nl", table=TABLE, path=f"/ODataApi/OData/{TABLE}")
V4 = TableAddress(host="datasets.cbs.nl", table=TABLE, protocol=Protocol.V4, path=f"/odata/v1/CBS/{TABLE}")
KINDS = {"0.0.0 ": "Totaal", "1.1.1 ": "1.1.1 Diefstal/inbraak woning", "2.6.1 ": "Milieu", "2.6.10": "Bestrijding"}
AREAS = {
    "NL00      ": ("Nederland", ""),
    "GM0148    ": ("Dalfsen", "GM0148"),
    "WK014801  ": ("Wijk 01", "GM0148"),
    "BU01480101": ("Buurt «Oost»", "GM0148"),
    "GM0000    ": ("Gemeente onbekend", "GM0000"),
    "WK000000  ": ("Wijk onbekend", "GM0000"),
    "BU00000000": ("Buurt onbekend", "GM0000"),
}
PERIODS = {"2023JJ00": "Definitief", "2024JJ00": "NaderVoorlopig", "2024KW03": "Voorlopig", "2024MM07": "Voorlopig"}
COUNT, SHARE = "Voorvallen_1", "AandeelMeldingen_2"
MEASURES = (COUNT, SHARE)
V3_META = "https://dataderden.cbs.nl/ODataApi/OData/90001NED/$metadata#Cbs.OData.WebAPI."

type Value = float | int | str | None
type Key = tuple[str, str, str]


@dataclass(frozen=True)
class Line:
    """One combination of padded keys (kind, area, period) with a value per measure: a number, null or a sign."""

    key: Key
    values: tuple[Value, Value]

    @property
    def bare(self) -> Key:
        kind, area, period = self.key
        return kind.strip(), area.strip(), period.strip()


def compact(value: Any) -> bytes:
    """JSON as the services write it: no spaces, no escapes for letters with accents."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def wrapped(rows: Sequence[Mapping[str, Any]], **around: Any) -> bytes:
    return compact({"odata.metadata": V3_META + "Metadata", "value": list(rows)} | around)


# --- metadata


def metadata_v3() -> dict[str, bytes]:
    """All parts of the metadata in OData 3."""
    info = {
        "ID": 0, "Title": "Voorvallen; soort, gebied", "Identifier": TABLE, "Modified": "2024-08-15T02:00:00",
        "Period": "2023 - 2024", "ShortDescription": "Kort.", "Description": "Lang.", "Summary": None,
    }  # fmt: skip
    columns = [
        {"odata.type": "Cbs.OData.Dimension", "ID": 0, "ParentID": None, "Type": "Dimension", "Key": "SoortMisdrijf",
         "Title": "Soort misdrijf"},
        {"odata.type": "Cbs.OData.GeoDetail", "ID": 1, "ParentID": None, "Type": "GeoDetail", "Key": "WijkenEnBuurten",
         "Title": "Wijken en buurten", "MapYear": 2019},
        {"odata.type": "Cbs.OData.TimeDimension", "ID": 2, "ParentID": None, "Type": "TimeDimension", "Key": "Perioden",
         "Title": "Perioden"},
        {"odata.type": "Cbs.OData.Topic", "ID": 3, "ParentID": None, "Type": "Topic", "Key": COUNT,
         "Title": "Voorvallen", "Datatype": "Long", "Unit": "aantal", "Decimals": 0, "Default": "Zero"},
        {"odata.type": "Cbs.OData.TopicGroup", "ID": 4, "ParentID": None, "Type": "TopicGroup", "Key": "",
         "Title": "Meldingen"},
        {"odata.type": "Cbs.OData.Topic", "ID": 5, "ParentID": 4, "Type": "Topic", "Key": SHARE,
         "Title": "Aandeel meldingen", "Datatype": "Double", "Unit": "%", "Decimals": 1, "Default": "Impossible"},
        {"odata.type": "Cbs.OData.Topic", "ID": 6, "ParentID": 4, "Type": "Topic", "Key": "Gemeentenaam_3",
         "Title": "Gemeentenaam", "Datatype": "String", "Unit": "naam", "Decimals": 0, "Default": "Missing"},
    ]  # fmt: skip
    return {
        "TableInfos": wrapped([info]),
        "DataProperties": wrapped(columns),
        "SoortMisdrijf": wrapped([{"Key": k, "Title": t, "CategoryGroupID": 1} for k, t in KINDS.items()]),
        "WijkenEnBuurten": wrapped([{"Key": k, "Title": t, "Municipality": m} for k, (t, m) in AREAS.items()]),
        "Perioden": wrapped([{"Key": k, "Title": k[:4], "Status": s} for k, s in PERIODS.items()]),
    }


def metadata_v4() -> dict[str, bytes]:
    """All parts of the metadata in OData 4."""
    info = {
        "@odata.context": "x", "Identifier": TABLE, "Title": "Voorvallen; soort, gebied", "Description": "Lang.",
        "Modified": "2024-08-15T02:00:00+02:00", "TemporalCoverage": "2023 - 2024",
    }  # fmt: skip
    dimensions = [
        ("SoortMisdrijf", "Soort misdrijf", "Dimension"),
        ("WijkenEnBuurten", "Wijken en buurten", "GeoDetailDimension"),
        ("Perioden", "Perioden", "TimeDimension"),
    ]
    return {
        "Properties": compact(info),
        "Dimensions": wrapped([{"Identifier": i, "Title": t, "Kind": k} for i, t, k in dimensions]),
        "MeasureCodes": wrapped(
            [
                {"Identifier": COUNT, "Title": "Voorvallen", "Unit": "aantal", "Decimals": 0, "MeasureGroupId": None},
                {"Identifier": SHARE, "Title": "Aandeel meldingen", "Unit": "%", "Decimals": 1, "MeasureGroupId": "7"},
            ]
        ),
        "MeasureGroups": wrapped([{"Id": "7", "Title": "Meldingen", "ParentId": None}]),
        "SoortMisdrijf": wrapped([{"Identifier": k, "Title": t} for k, t in KINDS.items()]),
        "WijkenEnBuurten": wrapped(
            [{"Identifier": k, "Title": t, "DimensionGroupId": m} for k, (t, m) in AREAS.items()]
        ),
        "Perioden": wrapped([{"Identifier": k, "Title": k[:4], "Status": s} for k, s in PERIODS.items()]),
    }


def described() -> TableDescription:
    return describe(metadata_v3(), V3)


def described_v4() -> TableDescription:
    return describe(metadata_v4(), V4)


# --- pages


def page_typed(lines: Sequence[Line], *, following: str = "", spaced: bool = False) -> bytes:
    """A page of numbers and nulls; `spaced` writes it as no service does, so that only the exact reader will do."""
    rows = [_row(number, line, lambda value: value) for number, line in enumerate(lines)]
    return _page("TypedDataSet", rows, following, spaced=spaced)


def page_untyped(lines: Sequence[Line], *, following: str = "", spaced: bool = False) -> bytes:
    """A page of texts: numbers padded on the left, signs as they are."""
    rows = [_row(number, line, as_text) for number, line in enumerate(lines)]
    return _page("UntypedDataSet", rows, following, spaced=spaced)


def as_text(value: Value) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None else value.rjust(9)
    return (f"{value:.1f}" if isinstance(value, float) else str(value)).rjust(9)


def _row(number: int, line: Line, form: Any) -> dict[str, Any]:
    kind, area, period = line.key
    named = {"ID": number, "SoortMisdrijf": kind, "WijkenEnBuurten": area, "Perioden": period}
    measures = dict(zip(MEASURES, map(form, line.values), strict=True))
    return named | measures | {"Gemeentenaam_3": "Dalfsen".ljust(20) if number % 2 else ""}


def _page(name: str, rows: Sequence[Mapping[str, Any]], following: str, *, spaced: bool) -> bytes:
    found: dict[str, Any] = {"odata.metadata": V3_META + name, "value": list(rows)}
    found |= {"odata.nextLink": following} if following else {}
    return json.dumps(found, indent=1).encode() if spaced else compact(found)


_FEED = (
    '<?xml version="1.0" encoding="utf-8"?><feed xml:base="https://dataderden.cbs.nl/ODataFeed/OData/90001NED/" '
    'xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" '
    'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><title type="text">Lines</title>'
    "<updated>2024-08-15T00:00:00Z</updated>"
)


def page_atom(lines: Sequence[Line], *, following: str = "", typed: bool = True) -> bytes:
    """A feed of entries, typed with the names of Edm or with texts only."""
    entries = [_entry(number, line, typed=typed) for number, line in enumerate(lines)]
    link = f'<link rel="next" href="{escape(following, {chr(34): "&quot;"})}" />' if following else ""
    return (_FEED + "".join(entries) + link + "</feed>").encode()


def _entry(number: int, line: Line, *, typed: bool) -> str:
    kind, area, period = line.key
    texts = f"<d:ID m:type='Edm.Int32'>{number}</d:ID>"
    for name, text in (("SoortMisdrijf", kind), ("WijkenEnBuurten", area), ("Perioden", period)):
        texts += f"<d:{name}>{escape(text)}</d:{name}>"
    for name, edm, value in zip(MEASURES, ("Edm.Int64", "Edm.Double"), line.values, strict=True):
        if value is None:
            texts += f'<d:{name} m:null="true" />'
        else:
            kept = as_text(value) if not typed else str(value)
            texts += f"<d:{name}" + (f' m:type="{edm}"' if typed else "") + f">{kept}</d:{name}>"
    return (
        f"<entry><id>x({number})</id><title /><updated>2024-08-15T00:00:00Z</updated><author><name /></author>"
        f'<content type="application/xml"><m:properties>{texts}<d:Gemeentenaam_3>Dalfsen   </d:Gemeentenaam_3>'
        "</m:properties></content></entry>"
    )


def observations(lines: Sequence[Line], *, words: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """The lines of OData 4: one per measure; a sign becomes the word that stands for it."""
    found: list[dict[str, Any]] = []
    for line in lines:
        kind, area, period = line.key
        for measure, value in zip(MEASURES, line.values, strict=True):
            word = (words or {}).get(value, "Missing") if isinstance(value, str) else "None"
            number = None if isinstance(value, str) else value
            found.append(
                {
                    "Id": len(found), "Measure": measure, "ValueAttribute": word, "Value": number,
                    "SoortMisdrijf": kind, "WijkenEnBuurten": area, "Perioden": period,
                }
            )  # fmt: skip
    return found


def page_v4(rows: Sequence[Mapping[str, Any]], *, following: str = "", spaced: bool = False) -> bytes:
    """A page of observations."""
    found: dict[str, Any] = {"@odata.context": "https://datasets.cbs.nl/odata/v1/CBS/90001NED", "value": list(rows)}
    found |= {"@odata.nextLink": following} if following else {}
    return json.dumps(found, indent=1).encode() if spaced else compact(found)
