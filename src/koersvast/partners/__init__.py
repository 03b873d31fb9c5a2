"""Partners: organisations and their contacts, agreements, what was promised, and the consultations held with them.

Words: organisation, contact, agreement (convenant), promise, regional plan, consultation (overleg), meeting.
Not for: actions of the programme (they name partners from a floor above) and cases (they live behind their own wall).
"""
