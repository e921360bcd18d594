"""What a user can name, and what is said when it cannot be had."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from generator.diagnostics import Diagnostics
from generator.inputs import archive, git
from generator.inputs.codes import CODES
from generator.inputs.opened import Input, Kind, opened
from generator.inputs.reading import load_manifests, report_broken
from generator.manifest import Manifests, read_manifests

SPEC = "flowhelm: 1\nname: shop\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: %s}\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test stands in a folder of its own, outside of any repository."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    return tmp_path


def write(files: dict[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def chart(folder: str = "shop") -> dict[str, str]:
    return {f"{folder}/Chart.yaml": "name: shop\n", f"{folder}/templates/web.yaml": SERVICE % "web"}


def refusal(named: str, beside: str = "") -> str:
    """The one finding on what cannot be opened: code and message."""
    diagnostics = Diagnostics()
    with opened(named, diagnostics, beside=beside) as found:
        assert found is None
    (finding,) = diagnostics
    assert finding.message.startswith(f"{named}: ")
    return f"{finding.code.id} {finding.message}"


def kind(named: str, stdin: bytes = b"") -> Kind:
    diagnostics = Diagnostics()
    with opened(named, diagnostics, read_stdin=lambda: stdin) as found:
        assert found, list(diagnostics)
        return found.kind


def names(named: str, beside: str = "") -> list[str]:
    """The names of the objects that an input holds, read as manifests whatever it is."""
    diagnostics = Diagnostics()
    with opened(named, diagnostics, beside=beside) as found:
        assert found, [finding.message for finding in diagnostics]
        read = load_manifests(found, diagnostics, compile_spec=_spec, render_chart=_rendered)
    assert read is not None, [finding.message for finding in diagnostics]
    return [item.ref.name for item in read.objects]


def _spec(path: Path, root: Path | None) -> Manifests:
    assert root is None or path.is_relative_to(root)
    return read_manifests(SERVICE % f"spec-{path.read_text().split()[-1]}", "spec")


def _rendered(path: Path) -> Manifests:
    return read_manifests("---\n".join(file.read_text() for file in sorted((path / "templates").iterdir())), "chart")


def pack(name: str, *members: tuple[tarfile.TarInfo, bytes]) -> None:
    with tarfile.open(name, "w:gz") as files:
        for info, data in members:
            files.addfile(info, io.BytesIO(data))


def member(name: str, data: bytes = b"x", **attributes: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in attributes.items():
        setattr(info, key, value)
    return info, data


def test_kinds() -> None:
    write(
        {"spec.yaml": SPEC, "spec.json": '{"flowhelm": 1}', "web.yaml": SERVICE % "web", "folder/a.yml": "", **chart()}
    )
    assert kind("spec.yaml") is kind("spec.json") is Kind.SPEC
    assert kind("shop") is Kind.CHART
    assert kind("web.yaml") is kind("folder") is Kind.MANIFESTS
    assert kind("-", SPEC.encode()) is Kind.SPEC
    assert kind("-", (SERVICE % "web").encode()) is Kind.MANIFESTS


def test_a_manifest_that_speaks_of_flowhelm_is_no_spec() -> None:
    write({"web.yaml": SERVICE % "web" + "data:\n  flowhelm: x\n"})
    assert kind("web.yaml") is Kind.MANIFESTS


def test_manifests_of_a_folder() -> None:
    write({"all/b.yaml": SERVICE % "b", "all/a/x.yml": SERVICE % "x"})
    write({"all/c.json": '{"apiVersion": "v1", "kind": "Pod"}'})
    write({"all/.hidden.yaml": "x", "all/.git/x.yaml": "x", "all/README.md": "x", "all/sub/Chart.yaml": "x"})
    write({"all/kustomization.yaml": "resources: [b.yaml]", "all/a/kustomization.yml": "kind: Kustomization"})
    diagnostics = Diagnostics()
    with opened("all/", diagnostics) as found:
        assert found
        read = load_manifests(found, diagnostics, compile_spec=_spec, render_chart=_rendered)
    assert read
    assert [item.source for item in read.objects] == ["all/b.yaml", "all/c.json", "all/a/x.yml"]


def test_a_packaged_chart_is_unpacked_and_removed() -> None:
    write(chart())
    pack("shop-1.tgz", *(member(name, text.encode()) for name, text in chart().items()))
    with opened("shop-1.tgz", Diagnostics()) as found:
        assert found == Input("shop-1.tgz", Kind.CHART, found.path if found else Path())
        assert (found.path / "templates/web.yaml").read_text() == SERVICE % "web"
        path = found.path
    assert not path.exists()


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([member("../evil")], "FH6204"),
        ([member("shop/../../evil")], "FH6204"),
        ([member("/tmp/evil")], "FH6204"),
        ([member("shop\\..\\evil")], "FH6204"),
        ([member("shop/link", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")], "FH6204"),
        ([member("shop/link", b"", type=tarfile.LNKTYPE, linkname="shop/x")], "FH6204"),
        ([member("shop/pipe", b"", type=tarfile.FIFOTYPE)], "FH6204"),
        ([member("readme")], "FH6203"),
        ([member("shop/Chart.yaml"), member("shop/Chart.yaml")], "FH6204"),
        ([member("shop"), member("shop/Chart.yaml")], "FH6202"),
        ([member("a/Chart.yaml"), member("b/Chart.yaml")], "FH6203"),
    ],
)
def test_hostile_archives_write_nothing_outside(
    here: Path, members: list[tuple[tarfile.TarInfo, bytes]], said: str
) -> None:
    pack("shop.tgz", *members)
    assert refusal("shop.tgz").startswith(said)
    assert [path.name for path in here.iterdir()] == ["shop.tgz"]
    assert not (here.parent / "evil").exists()


def test_archives_that_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "CHART", archive.Limits(2 << 20, 3))
    pack("large.tgz", member("shop/Chart.yaml", bytes(3 << 20)))
    assert refusal("large.tgz") == "FH6205 large.tgz: it is larger than 2 MiB when unpacked"
    pack("many.tgz", *(member(f"shop/{number}") for number in range(5)))
    assert refusal("many.tgz") == "FH6205 many.tgz: it holds more than 3 files"
    pack("header.tgz", member("shop/x", bytes(6 << 20), type=tarfile.XHDTYPE))
    assert refusal("header.tgz").startswith("FH6205")


def test_what_is_no_archive() -> None:
    Path("shop.tgz").write_text("no archive")
    assert refusal("shop.tgz").startswith("FH6203 shop.tgz: it is no gzipped tar archive")
    pack("half.tgz", member("shop/Chart.yaml", bytes(range(256)) * 400))
    Path("half.tgz").write_bytes(Path("half.tgz").read_bytes()[:-300])
    assert refusal("half.tgz").startswith("FH6203")


def test_what_is_not_there() -> None:
    assert refusal("nowhere") == "FH6201 nowhere: there is no such file or folder"
    assert refusal("null\0byte").startswith("FH6201")


def test_what_cannot_be_read() -> None:
    Path("latin.yaml").write_bytes("kind: Gänge".encode("latin-1"))
    Path("empty").mkdir()
    for named, said in (("latin.yaml", "FH6202"), ("empty", "FH6209")):
        diagnostics = Diagnostics()
        with opened(named, diagnostics) as found:
            assert found
            assert load_manifests(found, diagnostics, compile_spec=_spec, render_chart=_rendered) is None
        assert [finding.code.id for finding in diagnostics] == [said]


def test_documents_that_are_no_objects_are_findings() -> None:
    diagnostics = Diagnostics()
    report_broken(read_manifests("a: 1\n---\n- x\n---\n{\n", "x.yaml"), diagnostics)
    assert [(finding.code.id, finding.span.start.line) for finding in diagnostics if finding.span] == [
        ("FH6210", 3), ("FH6210", 6),
    ]  # fmt: skip


@pytest.fixture
def repository(here: Path) -> Path:
    """A repository whose first commit, tagged v1, has a chart, a spec and manifests; then they change."""
    write({**chart("charts/shop"), "specs/spec.yaml": "flowhelm: 1\nname: old\n", "web.yaml": SERVICE % "web-old",
           ".gitattributes": "charts export-ignore\n", "all/a.yaml": SERVICE % "a"})  # fmt: skip
    Path("all/out.yaml").symlink_to("/etc/hostname")
    Path("all/in.yaml").symlink_to("../web.yaml")
    run("init", "--quiet", "--initial-branch=main")
    run("add", ".")
    run("commit", "--quiet", "--message=one")
    run("tag", "v1")
    write({"charts/shop/templates/web.yaml": SERVICE % "web-new", "web.yaml": SERVICE % "web-new",
           "specs/spec.yaml": "flowhelm: 1\nname: new\n"})  # fmt: skip
    return here


def run(*arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


def test_a_commit_beside_the_work_tree(repository: Path) -> None:
    assert names("charts/shop") == ["web-new"]
    assert names("git:v1:charts/shop") == names("git:v1", beside="charts/shop") == ["web"]
    assert names("git:v1", beside=str(repository / "charts/shop")) == ["web"]
    assert names("git:HEAD", beside="git:main:charts/shop/") == ["web"]
    assert names("git:v1:specs/spec.yaml") == ["spec-old"]
    assert names("git:v1:web.yaml") == ["web-old"]


def test_paths_from_the_current_folder(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("charts")
    assert names("git:v1:./shop") == names("git:v1:charts/shop") == names("git:v1", beside="shop") == ["web"]
    assert names("git:v1:../web.yaml") == ["web-old"]
    assert refusal("git:v1:shop") == 'FH6208 git:v1:shop: "shop" is not in v1'
    assert refusal("git:v1:../../etc").startswith("FH6208")


@pytest.mark.usefixtures("repository")
def test_links_of_a_commit_stay_inside() -> None:
    with opened("git:v1:all", Diagnostics()) as found:
        assert found
        assert sorted(path.name for path in found.path.iterdir()) == ["a.yaml"]


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("git:v2:web.yaml", 'FH6207 git:v2:web.yaml: there is no commit "v2"'),
        ("git::web.yaml", 'FH6207 git::web.yaml: there is no commit ""'),
        ("git:--output=evil:web.yaml", 'there is no commit "--output=evil"'),
        ("git:v1:--output=evil", '"--output=evil" is not in v1'),
        ("git:v1:no/such", 'FH6208 git:v1:no/such: "no/such" is not in v1'),
        ("git:v1", "FH6208 git:v1: it names no path: write git:REF:path"),
        ("git:HEAD:web.yaml\0", "FH6208"),
    ],
)
def test_what_is_not_in_the_repository(repository: Path, named: str, said: str) -> None:
    before = sorted(path.name for path in repository.iterdir())
    assert said in refusal(named)
    assert sorted(path.name for path in repository.iterdir()) == before


def test_outside_of_a_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal("git:main:x").startswith("FH6206 git:main:x: not a git repository")
    monkeypatch.setenv("PATH", "/nowhere")
    assert refusal("git:main:x") == "FH6206 git:main:x: there is no program git on the PATH"


def test_commits_that_are_too_large(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "LIMITS", archive.Limits(10, 100))
    assert refusal("git:v1:all").startswith("FH6205")


def test_codes_explain_themselves() -> None:
    assert [code.id for code in CODES] == [f"FH62{number:02}" for number in range(1, len(CODES) + 1)]
    assert all(code.title and code.why for code in CODES)
