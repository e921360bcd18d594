"""Regular expressions that are compiled when they are first used.

The rooms hold 200 of them, and a command uses a third; to compile all that it imported took a tenth of its time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

__all__ = ["regex"]

if TYPE_CHECKING:
    from re import compile as regex
else:

    class regex:  # noqa: N801  # it stands for the function re.compile
        """As `re.compile`, for the patterns of a module: a mistake shows at the first use."""

        def __init__(self, pattern: str, flags: int = 0) -> None:
            self.pattern = pattern
            self._given = flags

        def __getattr__(self, name: str) -> Any:
            found = getattr(re.compile(self.pattern, self._given), name)
            setattr(self, name, found)  # the next time it is an attribute like others, and costs no more
            return found
