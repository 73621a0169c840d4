"""The packages that people install: everything needed is inside, and the main job runs from the wheel alone."""

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "funnel_analytics"

# Python reports every use of a socket to an audit hook, from C code too, which a patched `socket.socket` would miss.
REFUSE_NETWORK = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        raise PermissionError(f"network: {event}")

sys.addaudithook(refuse)
"""


def run(*command: str | Path, folder: Path) -> str:
    """A command in a folder, without the paths by which this process finds the sources."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist, built without network."""
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling, which builds the packages, is not installed")
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "hatchling", "build", "-d", folder, folder=ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


def files_of_the_package() -> set[str]:
    here = {path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    return {path.relative_to(PACKAGE.parent).as_posix() for path in here}


def test_the_wheel_holds_every_file_of_the_package_and_the_notebooks_and_no_more(wheel: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    notebooks = {f"funnel_analytics/resources/notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert len(notebooks) >= 6
    assert inside == files_of_the_package() | notebooks


def test_the_sdist_holds_what_the_tests_and_the_wheel_need(built: Path) -> None:
    archive = next(built.glob("*.tar.gz"))
    with tarfile.open(archive) as packed:
        inside = {name.partition("/")[2] for name in packed.getnames()}
    wanted = {f"src/{name}" for name in files_of_the_package()}
    for folder in ("notebooks", "data/sample", "tests", "docs"):
        wanted |= {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*.*") if path.is_file()}
    left_out = {name for name in wanted - inside if "__pycache__" not in name and ".ipynb_checkpoints" not in name}
    assert left_out == set()
    assert {"pyproject.toml", "README.md", "CHANGELOG.md", "Makefile", "uv.lock"} <= inside


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts' folder of an environment that has the wheel, and the libraries of this one without the project.

    Whatever runs in it is refused the network.
    """
    home = tmp_path_factory.mktemp("home")
    venv.create(home, symlinks=os.name != "nt")
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(home), "platbase": str(home)}))
    # A path that a .pth file names is searched, its own .pth files are not: an editable project stays unknown.
    libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    lines = [*sorted(libraries), "import refuse_network"]
    (packages / "libraries.pth").write_text("\n".join(lines), encoding="utf-8")
    (packages / "refuse_network.py").write_text(REFUSE_NETWORK, encoding="utf-8")
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv:
        run(uv, "pip", "install", "--offline", "--no-deps", "--python", scripts / "python", wheel, folder=home)
    elif importlib.util.find_spec("pip"):
        run(
            sys.executable, "-m", "pip", "--python", scripts / "python", "install", "--no-index", "--no-deps", wheel,
            folder=home,
        )  # fmt: skip
    else:
        pytest.skip("neither uv nor pip is there to install the wheel")
    return scripts


def test_the_main_job_runs_from_the_wheel_alone_and_asks_no_network(installed: Path, tmp_path: Path) -> None:
    where = "import importlib.util as u; print(u.find_spec('funnel_analytics').origin)"
    assert str(installed.parent) in run(installed / "python", "-c", where, folder=tmp_path)
    # The outline with the fewest pages: that each page is right, other tests ask.
    job = ("review", ROOT / "data" / "sample", "-o", "review", "--outline", "forecast_call")
    run(installed / "funnel-analytics", *job, folder=tmp_path)
    assert sorted(path.suffix for path in (tmp_path / "review").iterdir()) == [".html", ".pptx", ".xlsx"]


def test_the_network_is_refused_there(installed: Path, tmp_path: Path) -> None:
    call = "import socket\ntry: socket.create_connection(('127.0.0.1', 9))\nexcept PermissionError: print('refused')"
    assert run(installed / "python", "-c", call, folder=tmp_path) == "refused\n"
