"""Who is paid: the account as an enterprise tells it, whether it can be one, and whether its holder is the enterprise. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from diguan.enterprises.engine import name_key
from diguan.kernel.messages import Message

SHORTEST, LONGEST = 12, 30
SAME, FORMER, OTHER = "same", "former", "other"
_CARD = range(16, 20)  # UnionPay cards: 62…, the last digit a check
_PARTS = re.compile(r"[|;\n\t]+|,(?!\d)")
_LABELS = (("name", ("账户名称", "收款单位", "收款人", "户名")), ("account", ("银行账号", "银行账户", "收款账号", "账号", "卡号", "账户")),
           ("bank", ("开户银行", "开户行", "银行")))
_BANK = re.compile(r"银行|信用社|信用联社|农商行|bank", re.IGNORECASE)


@dataclass(frozen=True)
class Payee:
    """户名、账号、开户行, each empty where it was not told."""

    name: str = ""
    account: str = ""
    bank: str = ""


def write(name: str, account: str, bank: str) -> str:
    """An account as the evidence ``bank_account`` keeps it.

    >>> write("衡阳演示有限公司", "6222 0200 1234 5678", "农业银行衡阳县支行")
    '户名：衡阳演示有限公司；账号：6222020012345678；开户行：农业银行衡阳县支行'
    """
    return f"户名：{name.strip()}；账号：{_digits(account)}；开户行：{bank.strip()}"


def read(text: str) -> Payee:
    """An account from one line of text, labelled or in any order.

    >>> read("户名：衡阳演示有限公司；账号：6222 0200 1234 5678；开户行：农业银行衡阳县支行")
    Payee(name='衡阳演示有限公司', account='6222020012345678', bank='农业银行衡阳县支行')
    >>> read("6222020012345678 | 农业银行 | 衡阳演示有限公司").name
    '衡阳演示有限公司'
    >>> read("6222020012345678")
    Payee(name='', account='6222020012345678', bank='')
    """
    found: dict[str, str] = {}
    for part in _PARTS.split(unicodedata.normalize("NFKC", text)):
        what, value = _told(part.strip())
        if value:
            found.setdefault(what, value)
    return Payee(found.get("name", ""), _digits(found.get("account", "")), found.get("bank", ""))


def of_claim(text: str, number: str, name: str) -> Payee:
    """An account as a claim's evidence tells it: the account in its value, the bank there or as its number; whose it is, the enterprise's where nobody is named.

    >>> of_claim("6222020012345678", "农业银行", "衡阳演示有限公司")
    Payee(name='衡阳演示有限公司', account='6222020012345678', bank='农业银行')
    >>> of_claim("户名：张三；账号：6222020012345678", "农业银行", "衡阳演示有限公司").name
    '张三'
    """
    found = read(text)
    return Payee(found.name or name, found.account, found.bank or number.strip())


def _told(part: str) -> tuple[str, str]:
    for what, labels in _LABELS:
        for label in labels:
            if part.startswith(f"{label}:"):
                return what, part[len(label) + 1:].strip()
    if len(_digits(part)) >= 8 and not re.search(r"[^\d\s-]", part):
        return "account", part
    return ("bank" if _BANK.search(part) else "name"), part


def _digits(text: str) -> str:
    return re.sub(r"[\s\-–—]", "", unicodedata.normalize("NFKC", text))


def problems(payee: Payee) -> list[Message]:
    """Why money cannot be sent there; empty where it can.

    >>> problems(Payee("衡阳演示有限公司", "6222020012345678", "农业银行"))[0].zh
    '账号末位校验不对，可能抄错了一位'
    >>> problems(Payee("衡阳演示有限公司", "18012345678901", "农业银行"))
    []
    >>> [one.zh for one in problems(Payee("", "12a4", ""))]
    ['收款账户没有写户名', '收款账户没有写开户行', '账号只能是数字']
    """
    found = []
    if not payee.name:
        found.append(Message("收款账户没有写户名", "the account names no holder"))
    if not payee.bank:
        found.append(Message("收款账户没有写开户行", "the account names no bank"))
    return found + list(filter(None, [wrong_account(payee.account)]))


def wrong_account(account: str) -> Message | None:
    """Why it can be no account number; None where it can."""
    if not account:
        return Message("收款账户没有写账号", "the account has no number")
    if not (account.isascii() and account.isdigit()):
        return Message("账号只能是数字", "an account number is made of digits")
    if not SHORTEST <= len(account) <= LONGEST:
        return Message(f"账号要有 {SHORTEST} 到 {LONGEST} 位，现有 {len(account)} 位", f"an account number has {SHORTEST} to {LONGEST} digits, not {len(account)}")
    if len(set(account)) == 1:
        return Message("账号各位都一样，不会是真的", "all digits of the account number are the same")
    if account.startswith("62") and len(account) in _CARD and not luhn(account):
        return Message("账号末位校验不对，可能抄错了一位", "the account number's check digit is wrong: one digit may be miscopied")
    return None


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1).

    >>> luhn("79927398713"), luhn("79927398710")
    (True, False)
    """
    doubled = [int(digit) * (2 if at % 2 else 1) for at, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def holder(payee: Payee, name: str, former: Iterable[str] = ()) -> str:
    """Whether the account's holder is the enterprise: ``same``, by a ``former`` name, or ``other``.

    >>> holder(Payee("衡阳（演示）有限公司"), "衡阳(演示)有限公司"), holder(Payee("老名字"), "新名字", ["老名字"]), holder(Payee("张三"), "新名字")
    ('same', 'former', 'other')
    """
    key = name_key(payee.name)
    if key and key == name_key(name):
        return SAME
    return FORMER if key and key in {name_key(one) for one in former} else OTHER


def mask(account: str) -> str:
    """All but the last four digits hidden.

    >>> mask("6222020012345678")
    '************5678'
    """
    return "*" * max(len(account) - 4, 0) + account[-4:]
