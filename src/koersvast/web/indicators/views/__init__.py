"""The views, by page: the safety picture, one indicator, deliveries, downloads."""
