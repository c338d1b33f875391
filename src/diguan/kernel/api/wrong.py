"""What is wrong with a field, in Chinese: the checking library speaks English alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WORDS = {
    "missing": "没有填",
    "extra_forbidden": "没有这个字段",
    "unknown_parameter": "没有这些参数：{names}",
    "string_type": "应为文字",
    "string_unicode": "应为文字，里面有不成字的半个字符",
    "string_too_long": "太长，最多 {max_length} 个字",
    "string_too_short": "太短，至少 {min_length} 个字",
    "string_pattern_mismatch": "写法不对，应形如 {pattern}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数，没有小数",
    "int_parsing_size": "数字太大",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为有限的数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "date_type": "应为日期，写成 2026-08-31",
    "date_parsing": "应为日期，写成 2026-08-31",
    "date_from_datetime_parsing": "应为日期，写成 2026-08-31",
    "date_from_datetime_inexact": "应为日期，不带时刻",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不能大于 {le}",
    "literal_error": "应为 {expected} 之一",
    "enum": "应为 {expected} 之一",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_long": "太多，最多 {max_length} 个",
    "too_short": "太少，至少 {min_length} 个",
    "json_invalid": "不是有效的 JSON",
    "period": "应写成 2026、2026-Q1、2026-08 或 2026-08-31",
}


def words(error: Mapping[str, Any], language: str) -> str:
    """One error of the checking library as a sentence; one nobody has translated stays as it is."""
    template = _WORDS.get(str(error.get("type"))) if language == "zh" else None
    if template is None:
        return str(error["msg"])
    told = {name: str(value).replace(" or ", "、") for name, value in (error.get("ctx") or {}).items()}
    try:
        return template.format(**told)
    except KeyError:
        return str(error["msg"])
