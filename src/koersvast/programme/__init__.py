"""The programme: actions that serve the objectives of a plan, their progress, and the yearly cycle around them.

Words: programme (uitvoeringsprogramma), action (actie), contribution, progress report, check moment, self-audit.
Not for: objectives and target values (policy aims), partners themselves, and anything about persons in a case.
"""
