"""What the municipality aims at: plan, priorities, objectives, targets with their decisions, the plan check.

Words: an *objective* is an indicator that the plan wants to move; a *target* is the agreed value for a year; a *target
set* is all of them with the baseline, frozen by a *decision*; a *claim* is a figure that a document states; a
*standing* is where an objective is now. *Not* for actions (that is the programme) and not for measuring (indicators).
"""
