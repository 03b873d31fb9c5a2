"""Every write to the resident survey."""

from koersvast.surveys.changes.waves import NoSurvey, change_wave, open_wave

__all__ = ["NoSurvey", "change_wave", "open_wave"]
