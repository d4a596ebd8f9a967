"""Whoever calls out while the suite runs is refused, and the test fails, even if it swallowed that.

Tests marked `loopback` speak to servers of their own on this machine, and to nobody else. What a test starts
is held to the same: a copy of this file is the `sitecustomize` of every Python that the suite starts, the
children of these included, which is why it imports nothing that Python has not loaded by then. Sockets of the
file system are no network. What C libraries open by themselves (gRPC, a browser) passes by here, and so does
a Python that is told to ignore its environment (`-I`, `-E`, `-S`).
"""
# ruff: noqa: PTH108, PTH110, PTH118, PTH120, PTH123

import os
import sys

HERE = {"localhost", "", None, b"localhost", b""}
NAMES = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}  # events of Python's audit
ADDRESSES = {"socket.connect", "socket.sendto", "socket.sendmsg"}  # connect_ex is told as connect
OPEN = "TESTS_MAY_SPEAK_TO_THIS_MACHINE"  # a variable that is there, for children, while a test may


class CalledOutError(BaseException):
    """Not an `Exception`, so that what expects a network to fail does not take it for that."""


class Guard:
    """Stands before the sockets of a process.

    Attributes:
        on_duty: Whether anybody is refused.
        allowed: Whether this machine may be spoken to.
    """

    def __init__(self, folder):
        self.on_duty = False
        self.allowed = OPEN in os.environ
        self._folder = folder  # what this process and all its children share

    @property
    def _told(self):
        return os.path.join(self._folder, "attempts")

    def watch(self):
        """Watch every way out that Python has, in this process; there is no way to take it back."""
        self.on_duty = True
        sys.addaudithook(self._look)

    def _look(self, event, arguments):
        if event in NAMES:
            self._check(arguments[0], (arguments[0],))
        elif event in ADDRESSES:
            own, address = arguments
            import _socket  # which is there, as there is a socket

            if own.family in (_socket.AF_INET, _socket.AF_INET6) and address is not None:
                self._check(address[0], address)

    def _check(self, host, address):
        """Raise `CalledOutError` unless the host may be spoken to."""
        if not self.on_duty or (self.allowed and is_here(host)):
            return
        with open(self._told, "a", encoding="utf-8") as file:
            file.write(f"{address}\n")
        raise CalledOutError(f"a test wanted to speak to {address}")

    def install(self):
        """Watch the process of the suite and all that it starts, once."""
        if self.on_duty:
            return
        import shutil
        import tempfile

        if inherited := getattr(sys.modules.get("sitecustomize"), "GUARD", None):
            inherited.on_duty = False  # this pytest was started by another, and watches for itself
        self._folder = tempfile.mkdtemp(prefix="offline-")
        shutil.copyfile(__file__, os.path.join(self._folder, "sitecustomize.py"))
        self.watch()
        self._watch_children()

    def _watch_children(self):
        import subprocess

        os.environ.update(self._for_child(os.environ))  # for those that are started without `Popen`
        start = subprocess.Popen.__init__

        def guarded(popen, *arguments, **words):
            given = words.get("env")
            words["env"] = self._for_child(os.environ if given is None else given)
            start(popen, *arguments, **words)

        subprocess.Popen.__init__ = guarded

    def _for_child(self, environment):
        """Return an environment whose Pythons begin with this file, whatever else a test made of it."""
        found = {name: value for name, value in environment.items() if name != OPEN}
        path = found.get("PYTHONPATH")
        if (path or "").partition(os.pathsep)[0] != self._folder:
            found["PYTHONPATH"] = f"{self._folder}{os.pathsep}{path}" if path else self._folder
        return found | ({OPEN: "1"} if self.allowed else {})

    def leave(self):
        """Take away what children begin with."""
        import shutil

        shutil.rmtree(self._folder, ignore_errors=True)

    def begin(self, *, allowed):
        """Watch what one test tries."""
        self.allowed = allowed
        self.forget()
        if allowed:
            os.environ[OPEN] = "1"

    def end(self):
        """Shut the way to this machine again."""
        self.allowed = False
        os.environ.pop(OPEN, None)

    @property
    def attempts(self):
        """Whom somebody wanted to speak to in this test, and was not allowed to."""
        if not os.path.exists(self._told):
            return []
        with open(self._told, encoding="utf-8") as file:
            return file.read().splitlines()

    def forget(self):
        """Begin to count anew."""
        if os.path.exists(self._told):
            os.unlink(self._told)


def is_here(host):
    """Tell whether a host is this machine, or by its name nowhere (RFC 2606)."""
    import ipaddress

    if host in HERE or str(host).endswith(".invalid"):
        return True
    try:
        found = ipaddress.ip_address(host if isinstance(host, str) else bytes(host).decode())
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified


GUARD = Guard(os.path.dirname(__file__))
if __name__ == "sitecustomize":
    GUARD.watch()
