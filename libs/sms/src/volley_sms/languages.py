"""The main language of a country: what is guessed of somebody of whom nothing but the number is known."""

_COUNTRIES = {
    "ar": "AE BH DZ EG EH IQ JO KM KW LB LY MA MR OM PS QA SA SD SO SY TD TN YE",
    "bg": "BG",
    "bn": "BD",
    "cs": "CZ",
    "da": "DK FO GL",
    "de": "AT CH DE LI",
    "el": "CY GR",
    "es": "AR BO CL CO CR CU DO EC ES GQ GT HN MX NI PA PE PR PY SV UY VE",
    "et": "EE",
    "fa": "AF IR",
    "fi": "FI",
    "fr": "BF BI BJ BL CD CF CG CI CM DJ FR GA GF GN GP HT LU MC MF MG ML MQ NC NE PF PM RE SN TG WF YT",
    "he": "IL",
    "hi": "IN",
    "hr": "BA HR",
    "hu": "HU",
    "id": "ID",
    "is": "IS",
    "it": "IT SM VA",
    "ja": "JP",
    "ko": "KP KR",
    "lt": "LT",
    "lv": "LV",
    "ms": "BN MY",
    "nb": "NO SJ",
    "nl": "AW BE BQ CW NL SR",
    "pl": "PL",
    "pt": "AO BR CV GW MZ PT ST TL",
    "ro": "MD RO",
    "ru": "BY KG KZ RU",
    "sk": "SK",
    "sl": "SI",
    "sq": "AL XK",
    "sr": "ME RS",
    "sv": "AX SE",
    "sw": "KE TZ",
    "th": "TH",
    "tr": "TR",
    "uk": "UA",
    "ur": "PK",
    "vi": "VN",
    "zh": "CN",
    "zh-hant": "HK MO TW",
}
_OF_COUNTRY = {country: language for language, countries in _COUNTRIES.items() for country in countries.split()}


def language_of(country: str) -> str | None:
    """ISO 639 for a country (alpha-2), Chinese in traditional characters as zh-hant; None where it is English, or one
    that is not known here.
    """
    return _OF_COUNTRY.get(country)
