"""Pages: consultations, meetings, calendars."""
