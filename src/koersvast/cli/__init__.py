"""The command line: parse, call one change or query, print. Decides nothing itself.

`main` knows the commands and their options and starts fast: Django and the models are only loaded by the command that
runs (`ready`). Exit codes: 0 done, 1 findings or refused input, 2 usage. Texts for people follow the language; JSON
has English keys that stay, described by `schemas/`.
"""
