"""The national questions as a careful user of each peer would ask them, and as Koersvast asks them.

Every module gives `asked(ground)`: a function for each question, which returns the rows as that engine's own table in
memory. All give the same rows: a total is known only when every month is, ranks are within level and kind. Each module
imports its own engine alone, so that the time of a whole process is that of the engine.
"""
