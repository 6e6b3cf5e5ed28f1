"""A service that is ready at once and does nothing: what the supervisor looks after in its tests."""

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


if sys.argv[1] == "all":
    HTTPServer(("127.0.0.1", int(os.environ["VOLLEY_HTTP_PORT"])), Ready).serve_forever()
