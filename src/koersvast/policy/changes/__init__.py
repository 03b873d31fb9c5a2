"""Every write to a plan: its parts (`plans`), its target values and decisions (`targets`), answers (`answers`).

Each change is keyword-only, names who does it (`by`), runs in one transaction and leaves one audit record.
"""
