"""What a program is told of a wrong field, in the language it asked for."""

import datetime as dt
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from diguan.kernel.api import wrong


class Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field("甲", min_length=1, max_length=4, pattern=r"^\w*$")
    count: int = Field(1, ge=1, le=5)
    whole: bool = True
    day: dt.date | None = None
    kind: Literal["a", "b", "c"] = "a"
    codes: list[str] = Field([], max_length=2)


@pytest.mark.parametrize(("sent", "said"), [
    ({"twon": "西渡镇"}, "没有这个字段"), ({"name": 3}, "应为文字"), ({"name": "\ud800"}, "应为文字，里面有不成字的半个字符"), ({"name": ""}, "太短，至少 1 个字"), ({"name": "一二三四五"}, "太长，最多 4 个字"),
    ({"count": 0}, "不能小于 1"), ({"count": 6}, "不能大于 5"), ({"count": "多"}, "应为整数"), ({"count": 1.5}, "应为整数，没有小数"), ({"whole": "也许"}, "应为 true 或 false"),
    ({"day": "昨天"}, "应为日期，写成 2026-08-31"), ({"kind": "x"}, "应为 'a', 'b'、'c' 之一"), ({"codes": "x"}, "应为列表"), ({"codes": ["1", "2", "3"]}, "太多，最多 2 个")])
def test_a_wrong_field_is_told_in_chinese_or_in_english(sent, said):
    with pytest.raises(ValidationError) as found:
        Sent.model_validate(sent)
    (error,) = found.value.errors()
    assert wrong.words(error, "zh") == said
    assert wrong.words(error, "en") == error["msg"]


def test_what_nobody_has_translated_stays_as_it_is():
    assert wrong.words({"type": "never_heard_of", "msg": "as it is"}, "zh") == "as it is"
    assert wrong.words({"type": "string_too_long", "msg": "as it is"}, "zh") == "as it is"  # nothing says how long
