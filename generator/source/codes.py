"""What can be wrong with the files that a spec brings along."""

from generator.diagnostics import Code

UNREADABLE = Code(
    "FH0101",
    "file cannot be read",
    "Nothing can be compiled without it.",
)
OUTSIDE = Code(
    "FH0102",
    "path outside the root folder",
    "A spec may only take files from its own folder or repository, so that it gives the same chart everywhere.",
    wrong="files: {/etc/passwd: {from: /etc/passwd}}",
    right="files: {/etc/shop.conf: {from: shop.conf}}",
    source="rulings C20",
)
CODES = (UNREADABLE, OUTSIDE)
