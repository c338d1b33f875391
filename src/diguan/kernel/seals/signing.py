"""Who signs: a suite names how text is digested and signed, a key file holds the private half and never enters the database.

``ed25519-sha256`` is always there; ``sm2-sm3`` (GB/T 32918, 32905) is where the optional package is. Whoever brings another one writes a
class with these four methods.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from diguan.kernel.disk import secret
from diguan.kernel.messages import Message


class KeyUnusable(Exception):
    """A key file that cannot be read, or is no key: what is wrong, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        self.message = Message(zh, en)
        super().__init__(str(self.message))


class Suite(Protocol):
    """A way to sign; keys and signatures are hexadecimal text."""

    name: str

    def new_key(self) -> str:
        """A private key."""

    def public(self, private: str) -> str:
        """The public half of a private key."""

    def sign(self, private: str, text: str) -> str:
        """A signature over a text."""

    def holds(self, public: str, text: str, signature: str) -> bool:
        """Whether the signature is of this text by the owner of this key; False also of what is no key or signature at all."""


class Ed25519:
    """Ed25519 over the text itself, which signs a SHA-256 root."""

    name = "ed25519-sha256"

    def new_key(self) -> str:
        return Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()).hex()

    def public(self, private: str) -> str:
        return self._private(private).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def sign(self, private: str, text: str) -> str:
        return self._private(private).sign(text.encode()).hex()

    def holds(self, public: str, text: str, signature: str) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True

    def _private(self, private: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private))


SUITES: dict[str, Suite] = {suite.name: suite for suite in (Ed25519(),)}


def fingerprint(public: str) -> str:
    """What a public key is told apart by, short enough to be read aloud."""
    digest = hashlib.sha256(public.encode()).hexdigest()[:32]
    return " ".join(digest[at:at + 4] for at in range(0, 32, 4))


def private_key(path: Path) -> tuple[Suite, str]:
    """The suite and key of a key file (``suite key`` on one line); a file that is not there is made, for its owner alone.

    Raises:
        KeyUnusable: it cannot be read or written, or holds no key.
    """
    made = next(iter(SUITES.values()))
    try:
        words = secret(path, f"{made.name} {made.new_key()}\n").split()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyUnusable(f"封存密钥 {path} 读写不了：{error}", f"the key of the seals {path} cannot be read or written: {error}") from error
    try:
        suite = SUITES[words[0]]
        suite.public(words[1])
    except (IndexError, KeyError, ValueError) as error:
        known = list(SUITES)
        raise KeyUnusable(f"{path} 不是封存密钥：应为一行“算法 密钥”，算法有 {'、'.join(known)}", f"{path} is no key of the seals: one line “suite key” is expected, suites are {', '.join(known)}") from error
    return suite, words[1]
