"""Asks the kernel to let the engine be on time, and says plainly what it was given.

It must never fail: each right that is refused costs precision, not the show.
"""

from __future__ import annotations

import ctypes
import gc
import os
import struct

FIFO_PRIORITY = 70
_SLICE_NS = 100_000
_SYS_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274, "armv7l": 380, "armv6l": 380, "riscv64": 274}
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4


def prepare() -> str:
    """Quiet the collector, lock memory, and get the best scheduling there is: "fifo", "short slice" or "none"."""
    gc.collect()
    gc.freeze()
    gc.disable()
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "mlockall"):
        libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT)
    if _fifo():
        return "fifo"
    return "short slice" if _short_slice(libc) else "none"


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _fifo() -> bool:
    if not hasattr(os, "sched_setscheduler"):
        return False
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(FIFO_PRIORITY))
    except OSError:
        return False
    return True


def _short_slice(libc: ctypes.CDLL) -> bool:
    """A 0.1 ms slice under SCHED_OTHER, which anyone may ask for; kernels before 6.12 ignore it (see sched(7))."""
    number = _SYS_SCHED_SETATTR.get(os.uname().machine)
    if number is None or not hasattr(libc, "syscall"):
        return False
    # struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period
    wanted = struct.pack("=IIQiIQQQ", 48, 0, 0, 0, 0, _SLICE_NS, 0, 0)
    if libc.syscall(number, 0, ctypes.c_char_p(wanted), 0) != 0:
        return False
    release = os.uname().release.split(".")
    return (int(release[0]), int("".join(filter(str.isdigit, release[1])))) >= (6, 12)
