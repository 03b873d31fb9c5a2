"""Who may do what, and what was done: municipalities, users, roles, permissions, audit.

*Not* for policy content. Every row that belongs to a municipality is scoped here first: a query outside a scope raises.
"""
