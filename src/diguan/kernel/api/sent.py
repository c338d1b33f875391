"""What a client sends: a name that is not known is refused, for what is misspelt would otherwise count as not said."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import ConfigDict, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError


class Sent(Schema):
    """A body, a form, or the parameters of an address that is read.

    The fields of a JSON body the model itself looks at; a form and an address reach it already picked over.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _all_known(cls, said: Any, info: ValidationInfo) -> Any:
        request = (info.context or {}).get("request")
        strange = sorted(_strange(request, cls.model_fields.keys())) if request else []
        if strange:
            raise PydanticCustomError("unknown_parameter", "no such parameter: {names}", {"names": ", ".join(strange)})
        return said


def _strange(request: Any, known: Any) -> set[str]:
    """A write takes nothing from its address: what stands there was meant for the body."""
    address = set(request.GET)
    return address - known if request.method in ("GET", "HEAD") else address | (set(request.POST) - known)
