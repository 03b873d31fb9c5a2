"""Pages: choosing priorities."""
