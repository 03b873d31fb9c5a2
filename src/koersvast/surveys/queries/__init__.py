"""Reading waves: what is known of them, what was decided, what came out."""

from koersvast.surveys.queries.waves import waves_of

__all__ = ["waves_of"]
