"""What the public sees: redirects of short URLs and the opt-out page, a small ASGI app of its own."""
