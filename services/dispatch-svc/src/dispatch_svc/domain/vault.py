"""Seals secrets for the database, by Fernet: whoever has only a dump of it can neither read nor change them."""

import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class LockedError(Exception):
    """Something was sealed with a key that is not among those of the settings."""


class Vault:
    """`keys`: Fernet keys, separated by commas; the first seals, all of them open. Without any nothing is sealed."""

    def __init__(self, keys: str) -> None:
        """ValueError if a key is none."""
        found = [Fernet(key.strip()) for key in keys.split(",") if key.strip()]
        self._fernet = MultiFernet(found) if found else None

    @property
    def seals(self) -> bool:
        return self._fernet is not None

    def seal(self, secrets: Mapping[str, str]) -> bytes:
        assert self._fernet is not None, "there is a key"
        return self._fernet.encrypt(json.dumps(dict(secrets)).encode())

    def open(self, sealed: bytes | None) -> dict[str, str]:
        """What was sealed; nothing of None. LockedError."""
        if sealed is None:
            return {}
        try:
            if self._fernet is None:
                raise LockedError("secrets are sealed, and there is no key to open them")
            secrets: dict[str, str] = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken as error:
            raise LockedError("secrets are sealed with a key that is not known") from error
        return secrets
