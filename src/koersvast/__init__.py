"""Koersvast: integral safety policy for Dutch municipalities."""
