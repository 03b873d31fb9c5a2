"""The methods as small tables: read by experts in docs/methods, run here."""
