"""Outbound IO other than the database."""
