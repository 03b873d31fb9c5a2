"""Every read of a plan, as frozen values with texts in the language of the reader.

`plans` shows what the plan says, `standing` how its objectives stand, `ledger` what was agreed when and by whom,
`checking` what the plan check finds. All of them work inside the scope of one municipality.
"""
