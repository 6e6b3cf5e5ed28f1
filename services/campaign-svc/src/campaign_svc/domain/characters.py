"""Characters that names cannot have."""

import unicodedata


def control_in(text: str, but: str = "") -> str | None:
    """What to say of the first control character or half of a surrogate pair: neither can be kept, shown or sent."""
    if text.isprintable():
        return None
    for position, char in enumerate(text):
        if char not in but and unicodedata.category(char) in {"Cc", "Cs"}:
            return f"contains a control character (U+{ord(char):04X}) at character {position + 1}"
    return None
