"""The wheel works outside the checkout: the command, the fonts, the music, the profiles and the units are in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout, built once."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(source)], check=True)
    _copy_work_tree(source)
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def _copy_work_tree(to: Path) -> None:
    """What git knows, as it lies in the work tree now."""
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in names.splitlines():
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            (to / name).write_bytes((ROOT / name).read_bytes())


def test_the_wheel_carries_all_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("fonts", "patterns", "profiles", "sets", "songs", "systemd"):
        shipped = {
            f"panel/{folder}/{path.name}"
            for path in (ROOT / folder).iterdir()
            if path.is_file() and path.suffix in (".toml", ".pil", ".pbm", ".txt", ".service", ".rules")
        }
        assert shipped, folder
        assert shipped <= names
    kits = {f"panel/kits/{path.relative_to(ROOT / 'kits')}" for path in (ROOT / "kits").rglob("*") if path.is_file()}
    assert len(kits) > 5
    assert kits == {name for name in names if name.startswith("panel/kits/")}
    assert not [name for name in names if name.startswith(("tests/", "workshop/"))]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_the_unit_of_sticks_is_one_that_systemd_understands() -> None:
    unit = ROOT / "systemd" / "drumassist-stick@.service"
    ran = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_wheel_works_elsewhere(wheel: Path, tmp_path: Path) -> None:
    """Installed into an environment that takes its libraries from this one, run far from the checkout."""
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    python = tmp_path / "env" / "bin" / "python"
    site = next((tmp_path / "env" / "lib").glob("python3.*")) / "site-packages"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    (site / "libraries.pth").write_text(libraries + "\n")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    drumassist = str(tmp_path / "env" / "bin" / "drumassist")

    def run(*arguments: str) -> str:
        command = [drumassist, *arguments, "--data", str(tmp_path / "data")]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    listed = json.loads(run("patterns", "--json"))
    assert len(listed) == len(list((ROOT / "patterns").glob("*.toml")))
    assert all(Path(pattern["file"]).is_relative_to(tmp_path / "env") for pattern in listed)
    run("screens", str(tmp_path / "pictures"))
    assert (tmp_path / "pictures" / "live-playing.png").exists()
    run("render", "Prog Rock 7/8", "-o", str(tmp_path / "x.mid"))
    assert (tmp_path / "x.mid").read_bytes().startswith(b"MThd")
