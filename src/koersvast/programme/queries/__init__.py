"""What the programme knows: actions in their views, progress, reviews, calendar, council, self-audit."""
