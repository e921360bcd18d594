"""Which values no report may show: variables with the name of a credential, texts with the form of one.

Source: rulings C09 and L17.
"""

from __future__ import annotations

import re
from typing import Final

_CREDENTIAL_NAME: Final = re.compile(
    r"(?:.*_)?(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|ACCESS_KEY|CREDENTIALS)|AUTHORIZATION",
)
_CREDENTIAL: Final = re.compile(
    r"\bAKIA[0-9A-Z]{16}\b|\bgh[a-z]_[A-Za-z0-9]{20,}|\bsk_live_[A-Za-z0-9]{10,}|\bxox[a-z]-[A-Za-z0-9-]{10,}"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----|://[^\s/:@]+:[^\s/@]+@",
)
LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which kubectl keeps a whole object, a Secret's data with it."""


def names_credential(name: str) -> bool:
    """Whether a variable of this name holds a credential: `DB_PASSWORD`, `api-key`, but not `TOKEN_TTL`."""
    return bool(_CREDENTIAL_NAME.fullmatch(name.upper().replace("-", "_")))


def holds_credential(text: str) -> bool:
    """Whether a text has the form of a known credential: a cloud's key, a JWT, a URL with a password."""
    return bool(_CREDENTIAL.search(text))
