"""How early the sleep before a write ends: what is left is spun, for the kernel's wake-up is not exact.

It must never starve the rest: while the loop spins at real-time priority, a machine of one core does nothing else.
"""

from __future__ import annotations

DEFAULT_NS = 100_000
LEAST_NS = 20_000
MOST = 4  # times the setting
ONE_CORE_SHARE = 100  # one hundredth of the core at most where there is only one
SHARE = 30  # of one of several cores
OVERSLEPT = 2  # wake-ups behind their time in a second that are no accident


class Spin:
    """How long to spin, in ns. `wanted_ns` is the setting.

    Where wake-ups come late (a core that sleeps deeply, a virtual one) it goes up to four times that; where the
    spinning takes more of the machine than it can spare, it comes down.
    """

    def __init__(self, wanted_ns: int = DEFAULT_NS, cores: int = 1) -> None:
        self.ns = self._wanted_ns = wanted_ns
        self.spun_ns = self.overslept = 0  # the loop adds what it spins, and each sleep that ended behind its write
        self._share = ONE_CORE_SHARE if cores == 1 else SHARE
        self._since_ns = 0

    def want(self, wanted_ns: int) -> None:
        """Another setting."""
        self.ns = self._wanted_ns = wanted_ns

    def adapt(self, now_ns: int) -> None:
        """See what was spun and overslept since the last call; called about once a second.

        Both ways by steps, so that a tempo at the edge doesn't make it swing.
        """
        allowed_ns = (now_ns - self._since_ns) // self._share
        if self.spun_ns > allowed_ns:
            self.ns = max(min(LEAST_NS, self._wanted_ns), self.ns * allowed_ns // self.spun_ns)
        elif 2 * self.spun_ns < allowed_ns and (self.overslept >= OVERSLEPT or self.ns < self._wanted_ns):
            most_ns = self._wanted_ns * (MOST if self.overslept >= OVERSLEPT else 1)
            self.ns = max(self.ns, min(most_ns, self.ns + self.ns // 4 + 1))
        elif self.ns > self._wanted_ns and not self.overslept:
            self.ns -= (self.ns - self._wanted_ns) // 16 + 1
        self._since_ns, self.spun_ns, self.overslept = now_ns, 0, 0
