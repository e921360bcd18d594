"""What is a credential: by the name of the variable that holds it, or by its form (rulings C09, L17).

Used where secrets are refused (`check`) and where they are kept from reports (`diff`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from generator.regexes import regex

_ENDINGS = ("PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY", "CREDENTIALS")
_HEADERS = frozenset({"AUTHORIZATION", "PROXY_AUTHORIZATION"})

# The words for it, what stands in every such text (which is found far sooner), and the form.
# Each form begins where a word begins, so that a long text is read once; none can take the time of its square.
_FORMS = (
    ("an access key of AWS", "IA", regex(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])")),
    ("a token of GitHub", "gh", regex(r"(?<![A-Za-z0-9_])gh[pousr]_[A-Za-z0-9_]{30,255}")),
    ("a token of GitHub", "github_pat_", regex(r"(?<![A-Za-z0-9_])github_pat_[A-Za-z0-9_]{30,255}")),
    ("a live key of Stripe", "k_live_", regex(r"(?<![A-Za-z0-9_])[sr]k_live_[A-Za-z0-9]{16,255}")),
    ("a token of Slack", "xox", regex(r"(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,255}")),
    ("a key of Google", "AIza", regex(r"(?<![\w-])AIza[\w-]{35}(?![\w-])")),
    ("a token of GitLab", "glpat-", regex(r"(?<![\w-])glpat-[\w-]{20,255}")),
    ("a token of npm", "npm_", regex(r"(?<![A-Za-z0-9_])npm_[A-Za-z0-9]{36}")),
    ("a token of PyPI", "pypi-", regex(r"(?<![\w-])pypi-[\w-]{50,255}")),
    ("a key of SendGrid", "SG.", regex(r"(?<![\w.-])SG\.[\w-]{22}\.[\w-]{43}")),
    (
        "a webhook of Slack",
        "hooks.slack.com",
        regex(r"hooks\.slack\.com/services/T[A-Z0-9]{6,20}/B[A-Z0-9]{6,20}/[A-Za-z0-9]{16,64}"),
    ),
    ("a key of an Azure account", "Key=", regex(r"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,90}=")),
    ("a JSON Web Token", "eyJ", regex(r"(?<![\w-])eyJ[\w-]{5,}\.eyJ[\w-]{5,}\.[\w-]{5,}")),
    ("a private key", "PRIVATE KEY", regex(r"-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----")),
    ("an address with a password", "://", regex(r"://[^\s/:@]{0,255}:(?![$<{*%])[^\s/@]{1,255}@")),
)


@lru_cache(maxsize=4096)
def names_credential(name: str) -> bool:
    """Whether a variable or header of this name holds a credential: `DB_PASSWORD`, `api-key`, but not `TOKEN_TTL`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper().replace("-", "_")
    return words.endswith(_ENDINGS) or words in _HEADERS


def credential_form(text: str) -> str:
    """What kind of credential the text holds, in words ("a private key"); empty when none is seen."""
    return next((words for words, mark, form in _FORMS if mark in text and form.search(text)), "")
