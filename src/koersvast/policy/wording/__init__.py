"""Sentences about a plan, in the language of the reader and in words for a council that does not read statistics.

`amounts` writes values, probabilities and days; `verdicts` says how an objective stands; `reasons` says why;
`agreements` words target sets, decisions and drift; `findings` words the plan check. Calculations hand over codes
and numbers, and nothing here calculates.
"""
