"""Campaigns and their audience: what is sent to whom, when, and what became of it."""
