"""Giving memory back to the system."""

import ctypes


def give_back() -> None:
    """Return what was freed: the C library keeps it otherwise, some more with every model that was loaded.

    Only where the C library is glibc (malloc_trim(3)); elsewhere nothing happens.
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return
    trim(0)
