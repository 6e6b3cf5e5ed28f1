"""The tables, as typed functions that take a connection."""
