"""Regular expressions are compiled when they are first used, and all that the modules hold can be."""

import re
import subprocess
import sys

from generator.regexes import regex

PROGRAM = """
import gc, importlib, pkgutil
import generator
from generator.regexes import regex
for module in pkgutil.walk_packages(generator.__path__, "generator."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
found = [each for each in gc.get_objects() if type(each) is regex]
assert len(found) > 150, len(found)
assert {each.fullmatch.__self__.pattern for each in found} == {each.pattern for each in found}
"""


def test_every_expression_of_a_module_can_be_compiled():
    # In a process of its own: a command that ran in this one may have taken all objects from the collector's lists.
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)


def test_an_expression_is_compiled_once_and_when_it_is_used(monkeypatch):
    compiled = []
    compile_ = re.compile

    def counting(*given):
        compiled.append(given)
        return compile_(*given)

    monkeypatch.setattr(re, "compile", counting)
    vowel = regex("[aeiou]", re.IGNORECASE)
    assert (compiled, vowel.pattern) == ([], "[aeiou]")
    assert [vowel.sub("-", text) for text in ("Abe", "oUt")] == ["-b-", "--t"]
    assert compiled == [("[aeiou]", re.IGNORECASE)]
