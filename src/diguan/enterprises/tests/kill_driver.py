"""Run by ``test_kill``: imports a register over and over, each time killed one statement later, and tells what was left."""

from __future__ import annotations

import json
import os
import sys

import django

from diguan.kernel.tests.killing import dies_at


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    from diguan.enterprises.tests.factories import credit_code, enterprise_factory
    from diguan.kernel.tests.factories import person_factory

    clerk = person_factory("data_clerk")
    enterprise_factory(credit_code(1), "甲厂", town="西渡镇")
    connections.close_all()
    results = []
    for step in range(int(sys.argv[1]), 300, int(sys.argv[2])):
        child = os.fork()
        if child == 0:
            _import(clerk.pk, step)
        status = os.waitpid(child, 0)[1]
        results.append({"killed": os.WIFSIGNALED(status), **_left()})
        connections.close_all()
        if not os.WIFSIGNALED(status):
            break
    print(json.dumps(results))


def _import(person: int, step: int) -> None:
    """In the child: import one file, dying at the step; leaves with 0 when it got through."""
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper

    from diguan.enterprises.tests.factories import credit_code
    from diguan.kernel.access.models import Person
    from diguan.kernel.facts import deliveries
    from diguan.kernel.sheets.tests import ugly

    heads = ["信用代码", "企业名称", "所在乡镇", "曾用名", "联系人", "联系电话", "荣誉资质"]
    rows = [[credit_code(n), f"{'甲乙丙'[n - 1]}厂", "三湖镇", f"旧{n}厂", "钱样例", "13800000001", "规上工业企业||2024-02-01"] for n in (1, 2, 3)]
    content, clerk = ugly.xlsx([heads, *rows]), Person.objects.get(pk=person)
    upload = deliveries.keep("名册.xlsx", content, "enterprises", by=clerk)
    put = dies_at(step)
    for owner, name in ((CursorWrapper, "execute"), (CursorWrapper, "executemany"), (BaseDatabaseWrapper, "commit")):
        put(owner, name)
    deliveries.commit(deliveries.Request("enterprises"), upload, content, by=clerk)
    os._exit(0)


def _left() -> dict[str, object]:
    from diguan.enterprises.models import Contact, Enterprise, FormerName, Title
    from diguan.kernel.events import Event

    return {"towns": sorted(Enterprise.objects.values_list("town", flat=True)),
            "parts": [FormerName.objects.count(), Title.objects.count(), Contact.objects.count(), Event.objects.filter(verb="enterprises_imported").count()]}


if __name__ == "__main__":
    main()
