"""The rules of the review, one file a topic. A new rule is a `Rule` in its topic's tuple; a new topic one line here."""

from generator.diff.rules import configuration, data, rejections, restarts, traffic

RULES = (*rejections.RULES, *data.RULES, *traffic.RULES, *restarts.RULES, *configuration.RULES)
