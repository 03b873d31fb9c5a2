"""Pages of the programme: actions, progress, reviews, calendar, council, self-test."""
