"""Named queries and the typed functions over them."""
