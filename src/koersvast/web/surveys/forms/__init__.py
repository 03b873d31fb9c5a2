"""What a visitor chooses and sends, by step of the survey."""
