"""Every text asked for in Chinese has its English, and the compiled catalogue is the one that is written."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

import pytest

from tests.contracts.translations import asked, faults, read_po, stale
from tests.contracts.tree import SOURCE, plant

pytestmark = pytest.mark.one_database

CATALOGUE = SOURCE / "locale/en/LC_MESSAGES/django.po"

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
WHOLE = HEAD + """msgid "导入"
msgstr "Import"

#, python-format
msgid "%(count)s 行"
msgid_plural "%(count)s 行"
msgstr[0] "%(count)s row"
msgstr[1] "%(count)s rows"
"""
PLANTED = {
    "enterprises/queries.py": ('from django.utils.translation import gettext_lazy, ngettext as many\n'
                               'x = gettext_lazy("导入")\ny = many("%(count)s 行", "%(count)s 行", 2)\n'),
}


def test_every_text_has_its_english() -> None:
    assert faults(asked(SOURCE), CATALOGUE.read_text(encoding="utf-8")) == []


def test_the_compiled_catalogue_is_the_written_one() -> None:
    assert stale(CATALOGUE.read_text(encoding="utf-8"), CATALOGUE.with_suffix(".mo")) == []


def test_the_reader_sees_the_texts_of_the_house() -> None:
    entries = read_po(CATALOGUE.read_text(encoding="utf-8"))
    assert len(entries) > 300
    assert len(asked(SOURCE).keys() & {entry.asked for entry in entries}) > 300


def test_a_whole_catalogue_passes(tmp_path: Path) -> None:
    assert faults(asked(plant(tmp_path, PLANTED)), WHOLE) == []


@pytest.mark.parametrize(("file", "text"), [
    ("enterprises/actions.py", 'from django.utils.translation import gettext as _\nx = _("新的"\n      "话")\n'),
    ("enterprises/web/pages.py", 'from django.utils import translation\nx = translation.gettext("新的话")\n'),
    ("enterprises/templates/enterprises/a.html", '{% load i18n %}{% translate "新的话" %}\n'),
    ("enterprises/templates/enterprises/a.html", '{% load i18n %}{% blocktranslate trimmed %}\n  新的话\n{% endblocktranslate %}\n'),
    ("enterprises/templates/enterprises/a.html", '{% load i18n %}{% include "x.html" with title=_("新的话") %}\n'),
])
def test_a_planted_text_without_english_is_named(tmp_path: Path, file: str, text: str) -> None:
    (fault,) = faults(asked(plant(tmp_path, {**PLANTED, file: text})), WHOLE)
    assert fault.startswith(file)
    assert fault.endswith("no English for '新的话'")


@pytest.mark.parametrize(("before", "after", "named"), [
    ('"Import"', '""', "'导入': has no English"),
    ('"Import"', '"Import 大表"', "is Chinese still"),
    ('msgid "导入"', '#, fuzzy\nmsgid "导入"', "'导入': is fuzzy"),
    ('"%(count)s rows"', '""', "has no English"),
    ('"%(count)s rows"', '"%(number)s rows"', "names a place that is not there"),
    ('"%(count)s rows"', '"rows"', "loses a place"),
    ("#, python", '#~ msgid "旧话"\n#~ msgstr "Old"\n\n#, python', "kept though outworn"),
    ("#, python", 'msgid "旧话"\nmsgstr "Old"\n\n#, python', "nobody asks for '旧话' any more"),
])
def test_a_planted_fault_of_the_catalogue_is_named(tmp_path: Path, before: str, after: str, named: str) -> None:
    assert before in WHOLE
    found = faults(asked(plant(tmp_path, PLANTED)), WHOLE.replace(before, after))
    assert [fault for fault in found if named in fault], found


def test_a_planted_stale_compiled_catalogue_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Old(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return "Bring in" if message == "导入" else message

    compiled = tmp_path / "django.mo"
    compiled.write_bytes(b"")
    monkeypatch.setattr(gettext, "GNUTranslations", lambda file: Old(io.BytesIO()))
    assert stale(WHOLE.split("#, python")[0], compiled) == ["'导入': compiled as 'Bring in'"]
