"""What the public sees: redirects of short URLs and the opt-out page, on a small server of its own."""
