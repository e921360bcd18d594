"""Images: a fixed version."""

from __future__ import annotations

from generator.validate.api.pods import KINDS, pod_template
from generator.validate.model import Data, ObjectRule, Problem, Problems
from generator.validate.policy import codes
from generator.validate.policy.pod_security import containers


def _fixed_version(data: Data) -> Problems:
    found = pod_template(data)
    if found is None:
        return
    template, path = found
    for here, item in containers(template.get("spec") or {}, (*path, "spec")):
        image = str(item.get("image") or "").strip()
        tag = tag_of(image)
        if image and tag in ("", "latest"):
            what = f'has the moving tag "{tag}"' if tag else "has no tag, which means latest"
            yield Problem(codes.MOVING_TAG, f'image "{image}" {what}', (*here, "image"), "name a version or a digest")


def tag_of(image: str) -> str:
    """The tag of an image's name; its digest when it has one; empty without both."""
    name, _, digest = image.partition("@")
    return digest or name.rpartition("/")[2].partition(":")[2]


RULES = (ObjectRule(_fixed_version, KINDS),)
