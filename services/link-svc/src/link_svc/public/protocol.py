"""HTTP as the public speaks it: nothing that anybody sends may take much memory."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_REQUEST = 64 * 1024
"""Bytes of request line, headers and body together. No honest request of this server comes near."""


class BoundedHttp(HttpToolsProtocol):
    """Ends a connection whose request is too long: uvicorn's parser would keep every header that comes."""

    _received = 0

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > MAX_REQUEST:
            self.send_400_response("The request is too long.")
            return
        super().data_received(data)

    def on_message_complete(self) -> None:
        self._received = 0
        super().on_message_complete()
