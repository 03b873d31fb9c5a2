"""What all peers share: the tables, the years that are asked, and the same SQL for DuckDB and for Spark."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLE, PEOPLE = "47022NED", "03759ned"
FIRST_YEAR, LAST_YEAR = 2021, 2025
YEARS = tuple(range(FIRST_YEAR, LAST_YEAR + 1))
PLACE = "GM0105"
MEMORY_MB, THREADS = 6_000, 2
COLUMNS = ["area", "level", "kind", "period", "measure", "amount"]

type Ask = Callable[[], Any]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Where everything is: the register's folder, and a folder for caches and what does not fit in memory."""

    register: Path
    scratch: Path

    @property
    def cells(self) -> str:
        """All files of the crimes."""
        return str(self.register / TABLE / "*/*.parquet")

    @property
    def people(self) -> str:
        """All files of the inhabitants."""
        return str(self.register / PEOPLE / "*/*.parquet")

    @property
    def native(self) -> Path:
        """The database of DuckDB's own, with its texts as ENUM."""
        return self.scratch / f"{self.register.name}.duckdb"


def sql_of_year(where: str) -> str:
    """Totals of whole years."""
    return f"""
        SELECT area, level, kind, CAST(substr(CAST(period AS VARCHAR(7)), 1, 4) AS BIGINT) AS year,
               CASE WHEN count(amount) = 12 THEN sum(amount) END AS amount, count(amount) AS known_periods
        FROM cells WHERE measure = 'registered' AND length(CAST(period AS VARCHAR(7))) = 7 AND {where}
        GROUP BY 1, 2, 3, 4"""  # noqa: S608 -- our own text


def sql_of_benchmark(where: str) -> str:
    """Rates, ranks, percentiles and slopes over five years."""
    year = "substr(CAST(period AS VARCHAR(7)), 1, 4)"
    sums = ", ".join(f"sum(CASE WHEN {year} = '{y}' THEN amount END) AS e{y}" for y in YEARS)
    lived = ", ".join(f"sum(CASE WHEN period = '{y}' THEN amount END) AS p{y}" for y in YEARS)
    events, people = ("+".join(f"{letter}{y}" for y in YEARS) for letter in "ep")
    slope = "+".join(f"{y - 2023} * (e{y} * 1000.0 / p{y})" for y in YEARS)
    peopled = " AND ".join(f"p{y} > 0" for y in YEARS)
    return f"""
        WITH summed AS (
            SELECT area, level, kind, count(amount) AS known_periods, {sums} FROM cells
            WHERE measure = 'registered' AND period >= '2021-01' AND period <= '2025-12' AND {where}
            GROUP BY area, level, kind),
        lived AS (
            SELECT area AS place, count(amount) AS n, {lived} FROM people
            WHERE measure = 'inhabitants' AND period >= '2021' AND period <= '2025' GROUP BY area),
        figures AS (
            SELECT area, level, kind, known_periods,
                CASE WHEN known_periods = 60 THEN {events} END AS events,
                CASE WHEN n = 5 THEN {people} END AS person_years,
                CASE WHEN known_periods = 60 AND n = 5 AND {peopled} THEN ({slope}) / 10 END AS slope_per_1000
            FROM summed LEFT JOIN lived ON area = place),
        rated AS (
            SELECT *, CASE WHEN person_years > 0 THEN events * 1000.0 / person_years END AS rate_per_1000 FROM figures),
        placed AS (
            SELECT *, count(rate_per_1000) OVER w AS places,
                rank() OVER (PARTITION BY level, kind ORDER BY rate_per_1000 DESC NULLS LAST) AS r,
                rank() OVER (PARTITION BY level, kind ORDER BY rate_per_1000 ASC NULLS LAST) - 1 AS lower
            FROM rated WINDOW w AS (PARTITION BY level, kind))
        SELECT area, level, kind, known_periods, events, person_years, rate_per_1000, places,
            CASE WHEN rate_per_1000 IS NOT NULL THEN r END AS rank,
            CASE WHEN rate_per_1000 IS NOT NULL AND places > 1 THEN lower * 100.0 / (places - 1) END AS percentile,
            slope_per_1000
        FROM placed"""  # noqa: S608 -- our own text


PARTS = (
    f"(level = 'municipality' AND area = '{PLACE}'"
    f" OR level = 'wijk' AND area LIKE 'WK{PLACE[2:]}%' OR level = 'buurt' AND area LIKE 'BU{PLACE[2:]}%')"
)
SQL = {
    "Q1": sql_of_year(f"area = '{PLACE}' AND period >= '2012-01' AND period <= '2025-12'"),
    "Q1w": sql_of_year(f"{PARTS} AND period >= '2024-01' AND period <= '2024-12'"),
    "Q2": sql_of_benchmark("level = 'municipality'"),
    "Q3": sql_of_benchmark("1 = 1"),
}
