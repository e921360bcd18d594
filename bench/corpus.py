"""Charts of any size, for timing: a plain hand-written one, not one that flowhelm made.

python -m bench.corpus FOLDER OBJECTS
"""

from __future__ import annotations

import sys
from itertools import islice, product
from pathlib import Path

_TEMPLATES = Path(__file__).parent / "corpus"
_CARD = "apiVersion: v2\nname: corpus\ndescription: measured\nversion: 0.1.0\nicon: https://example.com/icon.png\n"
_VALUES = "global: {registry: registry.example.com, logLevel: info, region: eu-west-1}\nservices:\n"
_OF_A_SERVICE = """  {name}:
    replicas: 2
    image: {{repository: team/{name}, tag: 1.4.2, pullPolicy: IfNotPresent}}
    resources:
      requests: {{cpu: 100m, memory: 128Mi}}
      limits: {{cpu: 500m, memory: 256Mi}}
"""


def write_corpus(folder: Path, objects: int) -> None:
    """A chart that renders to so many objects, one file each: services with eight objects, the last of fewer."""
    kinds = {path.stem: path.read_text(encoding="utf-8") for path in sorted(_TEMPLATES.glob("*.yaml"))}
    services = -(-objects // len(kinds))
    names = [f"service-{number}" for number in range(services)]
    templates = folder / "templates"
    templates.mkdir(parents=True)
    (templates / "_helpers.tpl").write_bytes((_TEMPLATES / "_helpers.tpl").read_bytes())
    for number, kind in islice(product(range(services), kinds), objects):
        text = kinds[kind].replace("SERVICE", names[number]).replace("UPSTREAM", names[number - 1])
        (templates / f"{names[number]}-{kind}.yaml").write_text(text, encoding="utf-8")
    (folder / "Chart.yaml").write_text(_CARD, encoding="utf-8")
    values = _VALUES + "".join(_OF_A_SERVICE.format(name=name) for name in names)
    (folder / "values.yaml").write_text(values, encoding="utf-8")


if __name__ == "__main__":
    write_corpus(Path(sys.argv[1]), int(sys.argv[2]))
