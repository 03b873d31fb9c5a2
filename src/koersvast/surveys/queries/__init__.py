"""Reading waves: what is known of them, what was decided, what came out.

`waves_of` here; the outcomes take a second to load and have doors of their own: `queries.outcomes` (measures, tables,
frames apart), `queries.comparing` (wave against wave), `queries.method` (method statement, planning), `queries.links`.
"""

from koersvast.surveys.queries.waves import codebook_of, current_choice, current_file, waves_of

__all__ = ["codebook_of", "current_choice", "current_file", "waves_of"]
