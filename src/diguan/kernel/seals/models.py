"""What was sealed, when, and by which key."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from diguan.kernel import clocks
from diguan.kernel.events import AppendOnlyModel


class Seal(AppendOnlyModel):
    """封存: the heads of the chains as they were at the instant ``until``, under one signed root.

    ``statement`` is what was signed, word for word: the instant, how many heads, their root, and the digest of the statement before.
    """

    until = models.DateTimeField("封到", unique=True)
    statement = models.TextField("声明")
    suite = models.CharField("算法", max_length=40)
    public_key = models.CharField("公钥", max_length=200)
    signature = models.CharField("签名", max_length=400)
    at = models.DateTimeField("时间", default=clocks.now)

    class Meta:
        ordering: ClassVar = ["-until"]

    def __str__(self) -> str:
        return f"seal until {self.until.isoformat()}"
