"""``diguan createadmin`` and ``diguan serve``: what they say to scripts."""

from __future__ import annotations

import argparse
import io
import json

import pytest

from diguan.kernel.access.models import Person
from diguan.site.cli import main
from diguan.site.commands import serve, shared


@pytest.mark.django_db
def test_the_first_administrator_is_told_as_one_json_document_and_is_the_only_one(capsys, monkeypatch):
    monkeypatch.setattr(shared, "migrate", lambda: None)  # the test's database is there
    made = ["createadmin", "--county", "样例县", "--login", "root", "--name", "王样例", "--json"]
    for left in (0, 2):
        monkeypatch.setattr("sys.stdin", io.StringIO("青草-池塘-处处蛙-3年\n"))
        assert main(made) == left
        out, err = capsys.readouterr()
        assert json.loads(out or "{}") == ({} if left else {"county": "样例县", "login": "root"})
        assert bool(err) is bool(left)
    assert Person.objects.get().login_name == "root"


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "http://127.0.0.1:8123/"), ("::1", "http://[::1]:8123/")])
def test_the_address_is_told_as_one_json_document(capsys, host, address):
    serve._say(argparse.Namespace(host=host, port=8123, json=True))
    assert json.loads(capsys.readouterr().out) == {"address": address}
