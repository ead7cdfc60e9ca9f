"""The keys that a running service takes."""

import hmac
import logging

from model.errors import InputError
from service.api_key import Caller, digest
from service.key_file import KeyFile

_LOG = logging.getLogger("frameline.keys")


class KeyRing:
    """The keys of a file as it is now: it is looked at before every use and read again when it was written.

    A file that is damaged or cannot be read leaves the keys as they were, and the log says so. No file means no keys.

    Raises:
        InputError: the file is damaged from the start.
        OSError: it cannot be read from the start.
    """

    def __init__(self, file: KeyFile) -> None:
        self._file = file
        self._version = file.version()
        self._keys = file.read()
        self._complaint: str | None = None

    @property
    def has_valid(self) -> bool:
        """Whether there is a key that is not revoked."""
        return any(key.revoked is None for key in self._keys)

    def find(self, key: bytes) -> Caller | None:
        """Whose key it is; None for one that is unknown or revoked.

        The time that it takes does not depend on how much of a key is right, nor on which key it is.
        """
        self._refresh()
        sent = digest(key)
        found = None
        for known in self._keys:
            if hmac.compare_digest(known.sha256, sent):
                found = known
        return None if found is None or found.revoked is not None else found.caller

    def _refresh(self) -> None:
        try:
            version = self._file.version()
            if version == self._version:
                return
            keys = self._file.read()
        except (InputError, OSError) as error:
            if str(error) != self._complaint:
                self._complaint = str(error)
                _LOG.error("the keys stay as they were: %s", error)
            return
        self._version, self._keys, self._complaint = version, keys, None
        valid = sum(key.revoked is None for key in keys)
        _LOG.log(logging.INFO if valid else logging.WARNING, "the keys were read again; valid ones: %d", valid)
