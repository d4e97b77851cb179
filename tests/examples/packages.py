"""The example packages of plug-ins: built, and installed into a folder, without a network."""

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PACKAGES = {"hermes": "polycloud_hermes", "acme-relay": "acme_relay"}
SUBJECTS = {"hermes": "polycloud_hermes.conformance", "acme-relay": "acme_relay.stand"}


def install(folder):
    """Build the wheels and install them into *folder*/site; give that."""
    site = folder / "site"
    for name in PACKAGES:
        source = folder / name
        ignored = shutil.ignore_patterns("build", "*.egg-info", "__pycache__")
        shutil.copytree(EXAMPLES / name, source, ignore=ignored)
        pip("wheel", "--no-build-isolation", "--wheel-dir", folder / "wheels", source)
    wheels = sorted((folder / "wheels").glob("*.whl"))
    assert len(wheels) == len(PACKAGES)
    pip("install", "--target", site, *wheels)
    return site


def pip(command, *arguments):
    alone = ("--no-deps", "--no-index", "--quiet", "--disable-pip-version-check")
    typed = [sys.executable, "-m", "pip", command, *alone, *map(str, arguments)]
    done = subprocess.run(typed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def bent(folder, name, old, new):
    """Copy a package, and change one piece of its text; give the folder that holds it."""
    shutil.copytree(EXAMPLES / name / PACKAGES[name], folder / PACKAGES[name])
    file = folder / PACKAGES[name] / "__init__.py"
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    return folder


@contextlib.contextmanager
def importable(site):
    """Import what is installed there, in this process too."""
    sys.path.insert(0, str(site))
    try:
        yield
    finally:
        sys.path.remove(str(site))
        for name in [name for name in sys.modules if name.partition(".")[0] in PACKAGES.values()]:
            del sys.modules[name]
