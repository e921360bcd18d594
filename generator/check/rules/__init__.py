"""The rules, one topic a module. A new rule is one function, one line in its topic's RULES, and its tests."""
