"""Charts that come with this one, as in Chart.yaml (rulings S16, C34)."""

from __future__ import annotations

from generator.regexes import regex
from generator.spec.formats import CHART_VERSION, matching
from generator.spec.objects import VALUES
from generator.spec.shapes import ListOf, Record, RecordOf, key
from generator.yamlio.nodes import MappingNode

_CHART = regex(r"[a-z0-9](?:[-._a-z0-9]*[a-z0-9])?")
_ALIAS = regex(r"[A-Za-z0-9_-]+")
_REPOSITORY = regex(r"(?:https?|oci|file)://[!-~]+|@[-._A-Za-z0-9]+|alias:[-._A-Za-z0-9]+")
_STEP = r"[A-Za-z_][A-Za-z0-9_-]*"
_CONDITION = regex(rf"{_STEP}(?:\.{_STEP})+(?:,{_STEP}(?:\.{_STEP})+)*")

_CHART_NAME = matching("the name of a chart", _CHART, "lower-case letters, digits, -, . and _")
_ALIAS_NAME = matching("a name", _ALIAS, "letters, digits, _ and -")
_ADDRESS = matching("a repository", _REPOSITORY, "https://…, oci://…, file://… or @name")
_PATHS = matching("a path in the values", _CONDITION, "for example redis.enabled")


class Dependency(Record):
    """A chart that is installed with this one. Its values stand under its alias, else its name."""

    name: str = key(_CHART_NAME, "Name of the chart.", required=True, default="")
    version: str = key(CHART_VERSION, "Its version, or a range of them, as in ^19.0.0.", required=True, default="")
    repository: str = key(_ADDRESS, "Where it is; without one it must lie in the chart's `charts/`.", default="")
    condition: str = key(_PATHS, "Value that turns it on and off, as in redis.enabled; on unless set.", default="")
    alias: str = key(_ALIAS_NAME, "Another name for it, so that one chart can come twice.", default="")
    tags: tuple[str, ...] = key(
        ListOf(_ALIAS_NAME), "Words that turn several on and off together, as the values `tags.<word>`.", default=()
    )
    values: MappingNode | None = key(VALUES, "Its values, where they differ from its own defaults.")

    @property
    def key(self) -> str:
        """Where its values stand, and how it is called: `calls: [redis:6379]`."""
        return self.alias or self.name


DEPENDENCIES = ListOf(RecordOf(Dependency, "a dependency"))
