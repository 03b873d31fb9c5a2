"""Sentences about actions, agendas and the cycle, in the language of who reads."""
