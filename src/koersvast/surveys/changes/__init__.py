"""Every write to the resident survey.

In order of a wave: `open_wave`, `change_wave`; `receive_file`; `confirm_sure_ones`, `confirm_entry`; `give_margins`,
`choose_weighting`; `choose_catalogue`. Computing and going on to indicators take a second to load and have doors of
their own: `changes.computing` and `changes.links`.
"""

from koersvast.surveys.changes.codebooks import (
    NoFile,
    UnknownVariable,
    add_entry,
    carry_codebook,
    confirm_entry,
    confirm_sure_ones,
    reopen_entry,
)
from koersvast.surveys.changes.files import (
    AlreadyDestroyed,
    FileDoesNotFit,
    PersonalColumnsFound,
    destroy_due,
    destroy_microdata,
    extend_keeping,
    receive_file,
    remove_wave,
)
from koersvast.surveys.changes.waves import NoSurvey, change_wave, open_wave
from koersvast.surveys.changes.weights import (
    MarginRefused,
    choose_catalogue,
    choose_weighting,
    give_margins,
    margin_categories,
)

__all__ = [
    "AlreadyDestroyed",
    "FileDoesNotFit",
    "MarginRefused",
    "NoFile",
    "NoSurvey",
    "PersonalColumnsFound",
    "UnknownVariable",
    "add_entry",
    "carry_codebook",
    "change_wave",
    "choose_catalogue",
    "choose_weighting",
    "confirm_entry",
    "confirm_sure_ones",
    "destroy_due",
    "destroy_microdata",
    "extend_keeping",
    "give_margins",
    "margin_categories",
    "open_wave",
    "receive_file",
    "remove_wave",
    "reopen_entry",
]
