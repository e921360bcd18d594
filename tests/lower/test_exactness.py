"""Whatever text a user writes into args, variables and files, the container sees it as it was."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from generator.yamlio.writer import write_yaml
from tests.charts import chart_of, rendered

# Without those that cannot reach a cluster (tests/cases/errors/characters).
UNSENDABLE = "\0\x7f\ufffe\uffff" + "".join(map(chr, range(0x80, 0xA0)))
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters=UNSENDABLE)
PIECES = st.sampled_from(
    ["{{", "}}", "$", "$$", "$(", "$(A)", ")", "{{ .x }}", "'", '"', "\\", "\n", " ", "yes", "010"]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(CHARACTERS, max_size=4)), max_size=8).map("".join)
EXACT = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def expanded(text):
    """What Kubernetes makes of a text in args and env when no variable is known.

    k8s.io/kubernetes third_party/forked/golang/expansion: `$$` is `$`, and `$(x)` of an unknown x stays.
    """
    return re.sub(r"\$(\$|\([^)]*\)|.?)", lambda match: "$" if match[1] == "$" else match[0], text, flags=re.DOTALL)


def written(texts):
    """The same texts in a spec, where `${{` would begin an expression."""
    return [text.replace("${{", '${{ "${{" }}') for text in texts]


@EXACT
@given(texts=st.lists(TEXTS, min_size=1, max_size=12, unique=True))
@example(texts=["$$(A)", "$(A)", "$", "$$", "$$$(", "a$$$$b", "${{", "${{ x }}", "{{ .Values.x }}\n"])
def test_every_text_arrives(helm4, texts):
    given = written(texts)
    web = {
        "image": "web:1",
        "args": given,
        "env": {f"E{i}": text for i, text in enumerate(given)},
        "files": {f"/etc/f{i}": {"content": text} for i, text in enumerate(texts)},
    }
    chart = chart_of(write_yaml({"services": {"web": web}}))
    with TemporaryDirectory() as folder:
        found = rendered(helm4, Path(folder), chart)
    container = found["Deployment", "r-shop-web"]["spec"]["template"]["spec"]["containers"][0]
    assert [expanded(text) for text in container["args"]] == texts
    assert [expanded(each["value"]) for each in container["env"]] == texts
    assert found["ConfigMap", "r-shop-web"]["data"] == {f"f{i}": text for i, text in enumerate(texts)}
