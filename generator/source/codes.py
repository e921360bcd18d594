"""What can be wrong with the files that a spec brings along."""

from generator.diagnostics import Code

UNREADABLE = Code(
    "FH0101",
    "file cannot be read",
    "Nothing can be compiled without it.",
    source="rulings C20",
)
OUTSIDE = Code(
    "FH0102",
    "path outside the root folder",
    "A spec may only take files from its own folder or repository, so that it gives the same chart everywhere.",
    wrong="files: {/etc/passwd: {from: /etc/passwd}}",
    right="files: {/etc/shop.conf: {from: shop.conf}}",
    source="rulings C20",
)
NOT_PINNED = Code(
    "FH0103",
    "git import that is not pinned",
    "A branch or tag can move. So that a spec gives the same chart tomorrow, flowhelm.lock says which commit is meant, "
    "and what its files hold; compiling takes nothing else.",
    wrong="flowhelm compile spec.yaml",
    right="flowhelm update spec.yaml\nflowhelm compile spec.yaml",
    source="language rule 8",
)
NOT_FETCHED = Code(
    "FH0104",
    "git import that cannot be fetched",
    "What is pinned is fetched once, by git, and kept in the cache of this user; it was not there, and git could not "
    "get it.",
    source="language rule 8",
)
CHANGED = Code(
    "FH0105",
    "imported file that is not the pinned one",
    "The file has another content than when it was pinned. A commit cannot change, so the lock or the repository was "
    "tampered with.",
    source="language rule 8",
)
DAMAGED_LOCK = Code(
    "FH0106",
    "lock file that cannot be read",
    "flowhelm.lock is written by `flowhelm update`; nothing may be compiled that it does not pin.",
    source="language rule 8",
)
CODES = (UNREADABLE, OUTSIDE, NOT_PINNED, NOT_FETCHED, CHANGED, DAMAGED_LOCK)
