"""Where a library in a git repository is: `git+https://host/repository@ref#path`.

Input: the text. Output: its parts, or what is wrong with it. Nothing that passes can act as an option of git, name
another transport, carry a password, or lead out of the repository.
"""

from __future__ import annotations

import re

from generator.records import dataclass

PREFIX = "git+"
ADDRESS = "git+https://host/repository@ref#path/in/it.yaml"
MAX_ADDRESS = 500
PROTOCOLS: tuple[str, ...] = ("https",)
"""The transports that git may use; tests add `file`."""

# Parts of paths may hold single dots, but not two in a row, and more than dots.
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"
_PATH = r"(?:/\.?[A-Za-z0-9_~-]+(?:\.[A-Za-z0-9_~-]+)*)+/?"
_REF_PART = r"[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*"
_REF = rf"{_REF_PART}(?:/{_REF_PART})*"
_FILE_PART = r"\.?[A-Za-z0-9_ -]+(?:\.[A-Za-z0-9_ -]+)*"
_FILE = rf"{_FILE_PART}(?:/{_FILE_PART})*"
ADDRESS_PATTERN = rf"git\+https://{_HOST}{_PATH}@{_REF}#{_FILE}"


@dataclass(frozen=True)
class Address:
    """A file of a repository, in the state that a branch, tag or commit names."""

    url: str
    ref: str
    path: str

    @property
    def repository(self) -> str:
        """The repository in that state: what a lock pins."""
        return f"{PREFIX}{self.url}@{self.ref}"


def parse_address(text: str) -> Address:
    """The parts of an address. Raises ValueError: what is wrong, a bar, and what to write instead."""
    if len(text) > MAX_ADDRESS:
        raise ValueError(f"the address has {len(text)} characters | {MAX_ADDRESS} is the limit")
    rest, hash_sign, path = text.removeprefix(PREFIX).partition("#")
    url, at_sign, ref = rest.rpartition("@")
    scheme, _, location = url.partition("://")
    host, slash, repository = location.partition("/")
    if "@" in host:
        raise ValueError("an address must not hold a user or password | let git's credential helper give it")
    if not (hash_sign and at_sign and slash):
        raise ValueError(f'"{text[:80]}" is not a library in a repository | write {ADDRESS}')
    if scheme not in PROTOCOLS:
        raise ValueError(f"libraries are not fetched by `{scheme[:20]}` | write {ADDRESS}")
    if not (re.fullmatch(_HOST, host) or (scheme == "file" and not host)) or not re.fullmatch(_PATH, f"/{repository}"):
        raise ValueError(f'"{url[:80]}" is not the address of a repository | write {ADDRESS}')
    if not re.fullmatch(_REF, ref):
        raise ValueError(f'"{ref[:60]}" is not a branch, tag or commit | letters, digits, ., _, - and / in it')
    if not re.fullmatch(_FILE, path):
        raise ValueError(f'"{path[:80]}" is not a file of the repository | write its path from the root, without ..')
    return Address(url, ref, path)
