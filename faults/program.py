"""neuro-bpdl in processes of their own: started, watched, stopped; a hang or an orphan is `Broken`."""

from __future__ import annotations

import faulthandler
import fcntl
import os
import resource
import secrets
import signal
import stat
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

IDLE = 5.0  # seconds without any work after which a program is taken to be waiting
HANGS = 600.0  # seconds after which a command counts as hanging: a busy machine must not change a verdict
_MARK = "NEURO_BPDL_FAULT"


class Broken(Exception):
    """What did not hold."""


@dataclass
class Ended:
    """How a command ended: exit code (negative: the signal that killed it), output, errors."""

    code: int
    out: str
    err: str
    worked: float = 0.0  # CPU seconds, its children's among them


@dataclass
class Program:
    """neuro-bpdl in a process of its own.

    Warm (forked from this one, everything imported) unless ``cold`` says a new
    interpreter: limits on memory and descriptors, and whatever concerns the start.
    """

    arguments: Sequence[str]
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[int, int] = field(default_factory=dict)
    cold: bool = False
    stdout: str = ""
    before: Callable[[], object] | None = None
    command: Sequence[str] = ()
    pid: int = 0
    mark: str = field(default_factory=lambda: secrets.token_hex(6))
    _ready: int = -1

    def start(self) -> Program:
        """Start, and return once it is about to run: signals of before would be the harness's, not the command's."""
        read, self._ready = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self._child()
        os.close(self._ready)
        os.read(read, 1)  # returns when the child is about to begin, or has failed
        os.close(read)
        return self

    def running(self) -> bool:
        """Whether it has not ended yet (it stays to be waited for)."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def send(self, number: int) -> None:
        """A signal, if it still runs."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def worked(self) -> float:
        """CPU seconds that it and its children have used."""
        return sum(_worked(pid) for pid in (self.pid, *self.family()))

    def wait(self, work: float) -> None:
        """Until it has worked for so many CPU seconds, or has ended: a busy machine does not change what it has done.

        What waits for others (a Lava run's first process does) is not waited for longer than `IDLE`.
        """
        self._wait_for_handlers()
        before, since = self.worked(), time.monotonic()
        end = before + work
        while self.running() and before < end and time.monotonic() - since < IDLE:
            time.sleep(0.002)
            if (now := self.worked()) > before:
                before, since = now, time.monotonic()

    def _wait_for_handlers(self) -> None:
        """Until SIGTERM is handled (or it has ended): before that, a signal is between Python and the system."""
        while self.running() and not _handles(self.pid, signal.SIGTERM):
            time.sleep(0.002)

    def end(self, timeout: float = HANGS) -> Ended:
        """Wait; a hang or an orphan is `Broken`."""
        end = time.monotonic() + timeout
        while self.running():
            if time.monotonic() > end:
                raise Broken(f"hangs: {' '.join(self.arguments)}; {self._killed_while()}")
            time.sleep(0.01)
        _, status, used = os.wait4(self.pid, 0)
        self._no_orphans()
        out, err = self.said("out"), self.said("err")
        for name in ("out", "err"):
            self._place(name).unlink()
        return Ended(os.waitstatus_to_exitcode(status), out, err, used.ru_utime + used.ru_stime)

    def said(self, name: str) -> str:
        """What it has written so far to "out" or "err"."""
        return self._place(name).read_text(errors="replace")

    def _place(self, name: str) -> Path:
        return self.cwd.parent / f"{self.mark}.{name}"

    def _child(self) -> None:
        code = 70
        try:
            os.setsid()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
            os.environ.update({_MARK: self.mark, **self.env})
            os.chdir(self.cwd)
            self._redirect()
            if self.before is not None:
                self.before()
            for limit, value in self.limits.items():
                resource.setrlimit(limit, (value, value))
            if self.cold:
                # the mark is the first argument of env, so that /proc shows it from the first moment
                words = self.command or (sys.executable, "-c", "from neuro_bpdl.cli.main import main; main()")
                os.execve(words[0], [*words, *self.arguments], dict(os.environ))
            # streams are made of what descriptors 1 and 2 are by now: a stream knows what it may do with its file
            sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
            from neuro_bpdl.cli.main import run

            faulthandler.register(signal.SIGUSR1, sys.stderr)
            os.close(self._ready)
            code = run(self.arguments)
            sys.stdout.flush()
        except BaseException:
            import traceback

            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)

    def _redirect(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT
        err = os.open(self._place("err"), flags, 0o600)
        kept = os.open(self._place("out"), flags, 0o600)
        out = os.open(self.stdout, os.O_WRONLY) if self.stdout else kept
        nothing = os.open(os.devnull, os.O_RDONLY)
        for descriptor, standard in ((nothing, 0), (out, 1), (err, 2)):
            os.dup2(descriptor, standard)
        own_descriptors(self._ready)

    def family(self) -> list[int]:
        """Living processes of this program's session, itself not among them."""
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit() or int(entry) == self.pid:
                continue
            with suppress(OSError):
                fields = Path(f"/proc/{entry}/stat").read_text(errors="replace").rpartition(")")[2].split()
                if int(fields[3]) == self.pid and fields[0] not in "ZX":
                    found.append(int(entry))
        return found

    def _killed_while(self) -> str:
        """End it and all its children; where it hung (only a warm one says that)."""
        if not self.cold:
            self.send(signal.SIGUSR1)
            time.sleep(0.5)
        self.kill_all()
        os.waitpid(self.pid, 0)
        return " < ".join(line.strip() for line in self.said("err").splitlines() if "File " in line)[:600]

    def _no_orphans(self) -> None:
        end = time.monotonic() + 60
        while family := self.family():
            if time.monotonic() > end:
                self.kill_all()
                raise Broken(f"orphans: {len(family)}")
            time.sleep(0.02)

    def kill_all(self) -> None:
        """SIGKILL to it and all its children."""
        for number in (*self.family(), self.pid):
            with suppress(OSError):
                os.kill(number, signal.SIGKILL)


def _worked(pid: int) -> float:
    """CPU seconds of a process and of those of its children that it has waited for; 0 once it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _handles(pid: int, number: int) -> bool:
    """Whether a process has a handler of its own for a signal, or ignores it."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    masks = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith(("SigCgt", "SigIgn"))]
    return any(mask >> (number - 1) & 1 for mask in masks)


def own_descriptors(kept: int) -> None:
    """Share nothing with the process that a child was forked from, but the standard three and ``kept``.

    Files that are only read stay, opened anew: matplotlib, for one, keeps its
    fonts open, and whoever shares a descriptor shares its place in the file.
    """
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        if descriptor <= 2 or descriptor == kept:
            continue
        with suppress(OSError):  # the listing's own is closed by now
            flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
            if stat.S_ISREG(os.fstat(descriptor).st_mode) and flags & os.O_ACCMODE == os.O_RDONLY:
                again = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
                os.lseek(again, os.lseek(descriptor, 0, os.SEEK_CUR), os.SEEK_SET)
                os.dup2(again, descriptor, inheritable=False)
                os.close(again)
            else:
                os.close(descriptor)
