"""The English catalogue: extract from source, compile, and say what has no English yet.

``python scripts/messages.py``          extract and compile (needs gettext)
``python scripts/messages.py --check``  list msgids without English, and a stale .mo file; exit 1 if there are any
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "src/diguan/locale/en/LC_MESSAGES/django.po"


def extract() -> None:
    """Bring the catalogue up to date with the source; English that is there is kept."""
    import django
    from django.core.management import call_command

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "diguan.site.settings")
    django.setup()
    os.chdir(ROOT / "src/diguan")
    call_command("makemessages", locale=["en"], no_location=True, no_obsolete=True, ignore_patterns=["*/tests/*", "static/*"],
                 verbosity=0)
    # The date of making would change the file at every run.
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines(keepends=True)
    CATALOGUE.write_text("".join(line for line in lines if not line.startswith('"POT-Creation-Date')), encoding="utf-8")


def compile_() -> None:
    """Write the .mo beside the .po; it is committed, so no machine needs gettext to run."""
    subprocess.run(["msgfmt", "--check-format", "-o", str(CATALOGUE.with_suffix(".mo")), str(CATALOGUE)], check=True)


def untranslated() -> list[str]:
    """Msgids whose English is missing or uncertain."""
    kept = subprocess.run(["msgattrib", "--untranslated", "--no-obsolete", str(CATALOGUE)], check=True, capture_output=True)
    unsure = subprocess.run(["msgattrib", "--only-fuzzy", "--no-obsolete", str(CATALOGUE)], check=True, capture_output=True)
    text = kept.stdout.decode() + unsure.stdout.decode()
    return [line.removeprefix("msgid ") for line in text.splitlines() if line.startswith("msgid ") and line != 'msgid ""']


if __name__ == "__main__":
    if "--check" not in sys.argv[1:]:
        extract()
        compile_()
    missing = untranslated()
    for words in missing:
        print(f"no English: {words}")
    sys.exit(1 if missing else 0)
