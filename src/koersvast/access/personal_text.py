"""Finds data of a person in a free text, so that residents do not land in texts that are about work.

Pure. It knows four things by their form: an e-mail address, a Dutch telephone number, a citizen service number (BSN,
by its eleven-test) and an account number (IBAN, by ISO 13616). Numbers of services (0800, 0900, 088, 14 0xx, 112) are
public. It finds no names: that stays with the person who writes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.UNICODE)
# A number of a subscriber: 10 digits from 0, or 9 after +31 or 0031; with spaces, hyphens, points or brackets.
PHONE = re.compile(
    r"(?<![\w.,/+-])(?:(?:\+|00)31[\s.-]*(?:\(0\)[\s.-]*)?|\(?0)[1-9](?:[\s.()-]*\d){8}(?![\w/]|[.,-]\d)"
)
SERVICE = ("0800", "0900", "0906", "0909", "088", "085", "084", "14")
BSN = re.compile(r"(?<![\w.,/€-])(?:\d{9}|\d{4}[ .]\d{2}[ .]\d{3}|\d{3} \d{3} \d{3})(?![\w/%-]|[.,]\d)")
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])")
AMOUNT_BEFORE = re.compile(r"(?:€|eur|euro)\s*$", re.IGNORECASE)
AMOUNT_AFTER = re.compile(r"\s*(?:€|eur\b|euro\b|,-|inwoners\b|uur\b|%)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class PersonalPart:
    """Where in a text something stands, and what: email, phone, bsn or iban. Positions are in characters."""

    kind: str
    start: int
    end: int


def personal_parts(text: str) -> tuple[PersonalPart, ...]:
    """Return what was found, in the order of the text."""
    return tuple(sorted(_parts(text), key=lambda part: (part.start, part.kind)))


def kinds_in(text: str) -> tuple[str, ...]:
    """Return the kinds that the text holds, each once, in the order in which they first appear."""
    return tuple(dict.fromkeys(part.kind for part in personal_parts(text)))


def _parts(text: str) -> Iterator[PersonalPart]:
    accounts = list(_accounts(text))
    yield from accounts
    for part in _numbers(text):
        if not any(account.start <= part.start < account.end for account in accounts):
            yield part


def _accounts(text: str) -> Iterator[PersonalPart]:
    for match in IBAN.finditer(text):
        length = iban_length(match.group())
        if length:
            yield PersonalPart(kind="iban", start=match.start(), end=match.start() + length)


def _numbers(text: str) -> Iterator[PersonalPart]:
    for match in EMAIL.finditer(text):
        yield PersonalPart(kind="email", start=match.start(), end=match.end())
    for match in PHONE.finditer(text):
        if not _is_service(match.group()):
            yield PersonalPart(kind="phone", start=match.start(), end=match.end())
    for match in BSN.finditer(text):
        if passes_eleven_test(_digits(match.group())) and not _is_amount(text, match):
            yield PersonalPart(kind="bsn", start=match.start(), end=match.end())


def passes_eleven_test(digits: str) -> bool:
    """Whether nine digits are a citizen service number: weights 9 to 2 and -1, divisible by eleven, not all zero.

    Source: Logisch Ontwerp BSN, elfproef.
    """
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return total % 11 == 0 and set(digits) != {"0"}


def iban_length(candidate: str) -> int:
    """Return how many characters from the start are an account number (mod 97 is 1); zero when none are.

    Words in capitals may follow it, so shorter readings are tried too; a Dutch number has eighteen characters.
    """
    ends = [end for end in range(len(candidate), 14, -1) if candidate[end - 1] != " "]
    for end in ends:
        compact = candidate[:end].replace(" ", "")
        fits = len(compact) == 18 if compact.startswith("NL") else 15 <= len(compact) <= 34
        if fits and _remainder(compact) == 1:
            return end
    return 0


def _remainder(compact: str) -> int:
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97


def _is_service(number: str) -> bool:
    digits = _digits(number.replace("(0)", ""))
    for prefix in ("0031", "31"):
        if digits.startswith(prefix):
            digits = "0" + digits[len(prefix) :]
            break
    return digits.startswith(SERVICE)


def _is_amount(text: str, match: re.Match[str]) -> bool:
    before, after = text[max(0, match.start() - 8) : match.start()], text[match.end() : match.end() + 12]
    return AMOUNT_BEFORE.search(before) is not None or AMOUNT_AFTER.match(after) is not None


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdecimal())
