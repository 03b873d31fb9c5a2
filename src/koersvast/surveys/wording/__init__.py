"""Sentences about codebooks, survey files and computations, in the language of the reader and in plain words."""

from koersvast.surveys.wording.files import file_sentence
from koersvast.surveys.wording.going_on import difference, stands_in_the_way
from koersvast.surveys.wording.reasons import reason
from koersvast.surveys.wording.refusals import refusal

__all__ = ["difference", "file_sentence", "reason", "refusal", "stands_in_the_way"]
