"""``diguan createadmin``: the county and its first administrator, once."""

from __future__ import annotations

import argparse
import getpass
import sys

from diguan.site.commands import shared
from diguan.site.commands.shared import BadInput


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("createadmin", help="建立第一位系统管理员 / make the first administrator")
    parser.add_argument("--county", required=True, help="县的名称 / the county's name")
    parser.add_argument("--login", required=True, help="登录名 / login name")
    parser.add_argument("--name", required=True, help="姓名 / name")
    parser.add_argument("--json", action="store_true", help="输出一份 JSON / one JSON document")


def run(args: argparse.Namespace) -> int:
    """Ask for the password (or read one line of standard input) and make the account."""
    password = _password()
    shared.migrate()
    from diguan.kernel.access import actions

    with shared.refusals():
        person = actions.found_county(county=args.county, login_name=args.login, name=args.name, password=password)
    if args.json:
        shared.show({"county": args.county, "login": person.login_name})
        return 0
    print(f"已建立系统管理员 {person.login_name} / administrator {person.login_name} made")
    return 0


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("密码 / password: ")
    if first != getpass.getpass("再输一次 / again: "):
        raise BadInput(["两次输入不同 / the two differ"])
    return first
