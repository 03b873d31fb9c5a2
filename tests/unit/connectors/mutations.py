"""Damage bytes in a repeatable way: as wires do, as programs do, and as somebody does who knows the form."""

import random
from collections.abc import Iterator, Sequence

CASES = 5_000
_LENGTHS = (1, 1, 1, 2, 3, 8, 40)


def mutants(originals: Sequence[bytes], words: Sequence[bytes], *, seed: int, cases: int = CASES) -> Iterator[bytes]:
    """Give `cases` damaged versions of the originals; `words` are pieces that mean something in this form."""
    chance = random.Random(seed)  # noqa: S311 (a repeatable series, no secret)
    for number in range(cases):
        data = bytearray(originals[number % len(originals)])
        for _ in range(chance.choice((1, 1, 1, 2, 5))):
            _damage(data, words, chance)
        yield bytes(data)


def _damage(data: bytearray, words: Sequence[bytes], chance: random.Random) -> None:
    if not data:
        data += chance.choice(words)
        return
    place, length = chance.randrange(len(data)), chance.choice(_LENGTHS)
    match chance.randrange(9):
        case 0:
            data[place] = chance.randrange(256)
        case 1:
            data[place] ^= 1 << chance.randrange(8)
        case 2:
            del data[place : place + length]
        case 3:
            data[place:place] = chance.choice(words)
        case 4:
            data[place:place] = bytes(chance.randrange(256) for _ in range(length))
        case 5:
            other = chance.randrange(len(data))
            data[place:place] = data[other : other + length * 4]
        case 6:
            del data[place:]
        case _:
            _swap_words(data, words, chance)


def _swap_words(data: bytearray, words: Sequence[bytes], chance: random.Random) -> None:
    """Put one meaningful piece in the place of another."""
    there = [word for word in words if word in data]
    if not there:
        return
    old = chance.choice(there)
    place = data.find(old, chance.randrange(len(data)))
    place = data.find(old) if place < 0 else place
    data[place : place + len(old)] = chance.choice(words)
