"""What the text of an SMS is: templates, encodings, parts and payloads. Pure, standard library only."""

from volley_sms.advice import Cause, simplify, ucs2_causes
from volley_sms.encoding import DATA_CODING, Encoding, Parts, decode, encode, packed, parts, split
from volley_sms.languages import language_of
from volley_sms.template import (
    RESERVED_FIELDS,
    Placeholder,
    Template,
    TemplateError,
    compile_template,
    field_of_link,
    is_reserved,
    is_short_url,
    link_of_field,
    of_contacts,
)

__all__ = [
    "DATA_CODING",
    "RESERVED_FIELDS",
    "Cause",
    "Encoding",
    "Parts",
    "Placeholder",
    "Template",
    "TemplateError",
    "compile_template",
    "decode",
    "encode",
    "field_of_link",
    "is_reserved",
    "is_short_url",
    "language_of",
    "link_of_field",
    "of_contacts",
    "packed",
    "parts",
    "simplify",
    "split",
    "ucs2_causes",
]
