"""How those who text us are written: one person the same, whichever route says so."""

from typing import Final

LONGEST: Final = 21
"""Characters: what SMPP has room for."""
_LONGEST_SHORT_CODE: Final = 8


def written(address: str, *, international: bool = False) -> str:
    """E.164 with its plus, or a short code or name as it is. `international`: it is said to be a whole number.

    Providers leave the plus out, and a STOP holds only under the number as campaigns know it.
    """
    value = address.removeprefix("+")
    if value.isascii() and value.isdigit() and (international or len(value) > _LONGEST_SHORT_CODE):
        return f"+{value}"
    return address
