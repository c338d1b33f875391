"""One shape for everything that was not done, and which status says it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from pydantic import Field, StringConstraints

from diguan.kernel import refused
from diguan.kernel.api import wrong
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Forbidden, Refusal
from diguan.kernel.sheets.guard import SheetRefused
from diguan.kernel.shell import language

log = logging.getLogger("diguan.api")

STRANGER = Message("请先登录，或带上有效的令牌", "log in, or send a token that is in force")
NO_SUCH = Message("没有这个地址或这条记录，或您看不到它", "there is no such address or record, or you may not see it")
# Refusals that mean "somebody was quicker" answer 412 to whoever named a version.
STALE = ("conflict", "changed_meanwhile", "stale")
_STATUS = {**dict.fromkeys(STALE, 412), "unversioned": 428, "sheet_errors": 422, "sheet_refused": 422, "uscc_taken": 409, "password_change_needed": 403}
_WORDS = {
    400: ("bad_request", Message("请求读不懂：正文应是约定格式的 JSON 或表单", "the request cannot be read: the body is the declared JSON or form")),
    401: ("not_authenticated", STRANGER),
    403: ("forbidden", Message("请求缺少有效的 CSRF 令牌，或来自别的网站", "the request has no valid CSRF token, or comes from another site")),
    404: ("not_found", NO_SUCH),
    405: ("method_not_allowed", Message("这个地址不接受这种方法；可用的在 Allow 头里", "this address does not take this method; the Allow header lists those it takes")),
    413: ("too_large", Message("正文太大：JSON 不超过 2 MB，文件不超过 50 MB", "the body is too large: JSON up to 2 MB, files up to 50 MB")),
    415: ("unsupported_media_type", Message("正文应是 application/json", "the body is application/json")),
    500: ("server_error", Message("服务器出错，已记入日志；没有写入一半", "the server failed and logged it; nothing is half written")),
}


class Problem(Schema):
    """Why it was not done. ``code`` is for programs and stable; the sentences are for people."""

    code: str
    message: str
    reasons: list[str] = Field(default_factory=list)
    fields: dict[str, list[str]] = Field(default_factory=dict)


def _declared(*statuses: int) -> dict[int, Any]:
    return dict.fromkeys(statuses, Problem)


# Text as a database takes it.
NoNul = StringConstraints(pattern=r"^[^\x00]*$")
# What each route may answer besides its own; a route adds these to its ``response``.
READS = _declared(401, 403, 404, 409, 422)
WRITES = _declared(400, 401, 403, 404, 409, 412, 413, 422, 428)


def problem(status: int, code: str, reasons: Iterable[str], fields: Mapping[str, list[str]] | None = None) -> HttpResponse:
    """A refusal as an answer."""
    said = list(reasons)
    body = Problem(code=code, message="；".join(said) if language() == "zh" else "; ".join(said), reasons=said, fields=dict(fields or {}))
    answer = HttpResponse(body.model_dump_json(), content_type="application/json", status=status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def of_status(status: int) -> HttpResponse:
    """The usual words for a status."""
    code, message = _WORDS.get(status, _WORDS[400])
    return problem(status, code, [message.text(language())])


def refuse(code: str, zh: str, en: str, field: str = "") -> NoReturn:
    """Refuse in both languages.

    Raises:
        Refusal: always.
    """
    raise Refusal(code, [Message(zh, en)], field)


def of_refusal(refusal: Refusal) -> HttpResponse:
    """A refusal of an action: 403 for a right, 412 or 428 for a version, 422 for a field, 409 for the rest."""
    status = 403 if isinstance(refusal, Forbidden) else _STATUS.get(refusal.code, 422 if refusal.field else 409)
    texts = refusal.texts(language())
    answer = problem(status, refusal.code, texts, {refusal.field: texts} if refusal.field else None)
    if isinstance(refusal, Stale):
        answer.headers["ETag"] = refusal.etag
    return answer


class Stale(Refusal):
    """The version somebody named is not the one that is there; ``etag`` names that one."""

    def __init__(self, etag: str) -> None:
        super().__init__("stale", [Message(
            f"这条记录已被别人改过，现在的版本是 {etag}；请重新读取、对照后再改，什么都没有写入",
            f"somebody changed this record since; its version is {etag} now. Read it again, compare, and send anew; nothing was written")])
        self.etag = etag


def _of_validation(error: ValidationError) -> HttpResponse:
    fields: dict[str, list[str]] = {}
    for each in error.errors:
        # ("body", "data", "uscc") and the like: where it was sent and the argument's name say nothing to a client
        place = [str(part) for part in each["loc"][1:] if part not in ("data", "asked")]
        fields.setdefault(".".join(place) or str(each["loc"][0]), []).append(wrong.words(each, language()))
    said = [f"{name}: {words}" for name, texts in fields.items() for words in texts]
    return problem(422, "invalid", said, fields)


def install(api: NinjaAPI) -> None:
    """Let every error of a route come out in the one shape."""

    def failed(request: HttpRequest, error: Any) -> HttpResponse:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        return of_status(500)

    def no(request: HttpRequest, error: Refusal) -> HttpResponse:
        refused.of_request(request, error)
        return of_refusal(error)

    answers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        Exception: failed,
        Refusal: no,
        SheetRefused: lambda request, error: problem(422, "sheet_refused", [error.message.text(language())]),
        ValidationError: lambda request, error: _of_validation(error),
        HttpError: lambda request, error: of_status(error.status_code),
        Http404: lambda request, error: of_status(404),
        RequestDataTooBig: lambda request, error: of_status(413),
        **dict.fromkeys((BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError), lambda request, error: of_status(400)),
    }
    for kind, answer in answers.items():
        api.add_exception_handler(kind, answer)
