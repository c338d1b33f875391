"""Issuing and revoking one's own API tokens."""

from __future__ import annotations

import datetime as dt

from diguan.kernel import clocks
from diguan.kernel.access.models import Person
from diguan.kernel.access.roles import OWN_ACCOUNT
from diguan.kernel.access.tokens import queries
from diguan.kernel.access.tokens.models import ApiToken
from diguan.kernel.actions import Done, action
from diguan.kernel.messages import Message
from diguan.kernel.refusals import Refusal

MOST_LIVE = 20
MOST_DAYS = 366


@action(permission=OWN_ACCOUNT, event="token_issued", on="person")
def issue_token(*, person: Person, name: str, last_day: dt.date, token: str, by: Person) -> Done[ApiToken]:
    """Let a program ask in one's own name up to a day; ``token`` is fresh (``queries.make``) and kept by its digest alone.

    Raises:
        Refusal: no name, a day that is past or too far, or too many tokens.
    """
    name = " ".join(name.split())
    longest = ApiToken._meta.get_field("name").max_length or 0
    if not name or len(name) > longest or "\x00" in name:
        raise Refusal("token_name", [Message(f"令牌要有名称，最多 {longest} 字", f"a token needs a name of at most {longest} characters")], "name")
    today = clocks.today()
    if not today <= last_day <= today + dt.timedelta(days=MOST_DAYS):
        raise Refusal("token_day", [Message("到期日应在今天以后、一年以内", "the last day is today or later, within a year")], "last_day")
    live = queries.tokens_of(person).filter(revoked_at__isnull=True, last_day__gte=today)
    if live.count() >= MOST_LIVE:
        raise Refusal("too_many_tokens", [Message(f"最多 {MOST_LIVE} 个在用的令牌，先撤销不用的", f"at most {MOST_LIVE} tokens in use: revoke one first")], "name")
    row = ApiToken.objects.create(person=person, name=name, last_day=last_day, digest=queries.digest_of(token), start=token[:10])
    return Done(row, after={"name": name, "start": row.start, "last_day": last_day}, related=[person])


@action(permission=OWN_ACCOUNT, event="token_revoked", on="person")
def revoke_token(*, person: Person, token: ApiToken, by: Person) -> Done[ApiToken]:
    """End one of one's own tokens at once.

    Raises:
        Refusal: it is somebody else's, or revoked already.
    """
    hit = ApiToken.objects.filter(pk=token.pk, person=person, revoked_at__isnull=True).update(revoked_at=clocks.now())
    if hit != 1:
        raise Refusal("not_revocable", [Message("这不是您的令牌，或已经撤销", "this token is not yours, or revoked already")])
    return Done(token, before={"name": token.name, "start": token.start}, related=[person])
