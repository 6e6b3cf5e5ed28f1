"""query_sm: asking a provider what has become of a message."""

from typing import NamedTuple

from volley_smpp.constants import QUERY_SM, RESPONSE
from volley_smpp.fields import Address, c_string, encode_address, read_c_string
from volley_smpp.frames import HEADER_LENGTH, PduError, encode_pdu


class Query(NamedTuple):
    """The body of a query_sm: the provider's message id and the message's source address."""

    message_id: str
    source: Address


class QueryAnswer(NamedTuple):
    """The body of a query_sm_resp; `final_date` is SMPP's own string, empty while there is none."""

    message_id: str
    final_date: str
    state: int
    error_code: int


def encode_query(sequence: int, query: Query) -> bytes:
    return encode_pdu(QUERY_SM, sequence, c_string(query.message_id, 65) + encode_address(query.source))


def decode_query(frame: bytes) -> Query:
    message_id, at = read_c_string(frame, HEADER_LENGTH)
    if len(frame) < at + 3:
        raise PduError("the query is cut off")
    source, _ = read_c_string(frame, at + 2)
    return Query(message_id, Address(frame[at], frame[at + 1], source))


def encode_query_resp(sequence: int, answer: QueryAnswer) -> bytes:
    body = c_string(answer.message_id, 65) + c_string(answer.final_date, 17)
    return encode_pdu(QUERY_SM | RESPONSE, sequence, body + bytes((answer.state, answer.error_code)))


def decode_query_resp(frame: bytes) -> QueryAnswer:
    """PduError where there is no body: ask the header's status first."""
    message_id, at = read_c_string(frame, HEADER_LENGTH)
    final_date, at = read_c_string(frame, at)
    if len(frame) < at + 2:
        raise PduError("the answer to the query is cut off")
    return QueryAnswer(message_id, final_date, frame[at], frame[at + 1])
