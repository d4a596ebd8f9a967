"""Whoever calls out while the suite runs is refused, and the test fails, even if it swallowed that.

Tests marked `loopback` speak to servers of their own on this machine, and to nobody else. Sockets of the
file system are no network. What C libraries open by themselves (gRPC, a browser) passes by here.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

HERE = {"localhost", "", None, b"localhost", b""}


class CalledOutError(BaseException):
    """Not an `Exception`, so that what expects a network to fail does not take it for that."""


class Guard:
    """Stands before the sockets of this process.

    Attributes:
        allowed: Whether this machine may be spoken to.
        attempts: Whom somebody wanted to speak to and was not allowed to.
    """

    def __init__(self) -> None:
        self.is_installed = False
        self.allowed = False
        self.attempts: list[str] = []

    def install(self) -> None:
        """Take the place of every way out that Python has, once."""
        if self.is_installed:
            return
        self.is_installed = True
        for name in ("connect", "connect_ex"):
            self._before(socket.socket, name, lambda own, address, *_: (own.family, address))
        self._before(socket.socket, "sendto", lambda own, *rest: (own.family, rest[-1]))
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            self._before(socket, name, lambda host, *_, **__: (socket.AF_INET, (host,)))

    def _before(self, owner: Any, name: str, address_of: Callable[..., tuple[int, Any]]) -> None:
        inner = getattr(owner, name)

        def guarded(*arguments: Any, **words: Any) -> Any:
            self.check(*address_of(*arguments, **words))
            return inner(*arguments, **words)

        setattr(owner, name, guarded)

    def check(self, family: int, address: Any) -> None:
        """Raise `CalledOutError` unless the address may be spoken to."""
        if family not in (socket.AF_INET, socket.AF_INET6):
            return
        if not (self.allowed and is_here(address[0])):
            self.attempts.append(str(address))
            raise CalledOutError(f"a test wanted to speak to {address}")

    @contextmanager
    def during(self, *, allowed: bool) -> Iterator[list[str]]:
        """Watch what is tried meanwhile."""
        self.allowed, self.attempts = allowed, []
        try:
            yield self.attempts
        finally:
            self.allowed = False


def is_here(host: Any) -> bool:
    """Tell whether a host is this machine, or by its name nowhere (RFC 2606)."""
    if host in HERE or str(host).endswith(".invalid"):
        return True
    try:
        found = ipaddress.ip_address(host if isinstance(host, str) else bytes(host).decode())
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified


GUARD = Guard()
