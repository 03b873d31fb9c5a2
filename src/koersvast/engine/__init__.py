"""Calculations on plain values: periods, counts, survey estimates, trends, evidence, targets, forecasts.

Words: a *reading* is one figure for one period; a *series* is readings that came from one source under one definition;
a *break* is a day on which readings stopped meaning the same; *evidence* is the probability that the underlying level
is at or beyond an agreed value. Nothing here knows Django, files, the clock or the language of a screen: answers carry
codes and numbers, and sentences are made elsewhere. Each method has a page under `docs/methods` and a table under
`tests/spec` that both states and tests its numbers.
"""
