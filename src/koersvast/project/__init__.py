"""Wiring: settings, addresses, the web server's entry. Imports all, is imported by none."""
