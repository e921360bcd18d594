"""The Jinja environment of the text files: helpers, notes, README and the like.

Stage: emit; the only home of jinja2, which is imported when the first text is made. The sources lie in `templates/`
beside the package in a checkout and inside it in an installed wheel. Their delimiters are `[[ ]]`, `[% %]` and `[# #]`,
so that a source may hold Helm's own actions as they are; what an expression inserts is text, and Helm never acts on it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from generator.emit import filters

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def text_environment() -> Environment:
    """The environment; made once."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(read_source),
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="[#",
        comment_end_string="#]",
        undefined=StrictUndefined,
        finalize=filters.inserted,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the texts are not HTML; `finalize` escapes for Helm
    )
    environment.filters.update(filters.FILTERS)
    return environment


def read_source(name: str) -> str:
    """The source of a text, as it lies under templates/."""
    package = Path(__file__).parents[1]
    shipped = package / "templates"
    folder = shipped if shipped.is_dir() else package.parent / "templates"
    return folder.joinpath(*name.split("/")).read_text(encoding="utf-8")


def render_text(name: str, **context: object) -> str:
    """The text that a source under templates/ gives."""
    return text_environment().get_template(name).render(**context)
