"""How early the sleep before a write ends: what is left is spun, for the kernel's wake-up is not exact.

It must never starve the rest: while the loop spins at real-time priority, a machine of one core does nothing else.
"""

from __future__ import annotations

DEFAULT_NS = 100_000
LEAST_NS = 20_000
ONE_CORE_SHARE = 100  # one hundredth of the core at most where there is only one


class Spin:
    """How long to spin, in ns. `wanted_ns` is the setting; a single core may not be able to spare that."""

    def __init__(self, wanted_ns: int = DEFAULT_NS, cores: int = 1) -> None:
        self.ns = self._wanted_ns = wanted_ns
        self.spun_ns = 0  # the loop adds what it spins
        self._cores = cores
        self._since_ns = 0

    def want(self, wanted_ns: int) -> None:
        """Another setting."""
        self.ns = self._wanted_ns = wanted_ns

    def adapt(self, now_ns: int) -> None:
        """See what share was spun since the last call, and come down if it was too much; called about once a second.

        It goes up again by steps, so that a tempo at the edge doesn't make it swing.
        """
        allowed_ns = (now_ns - self._since_ns) // ONE_CORE_SHARE
        if self._cores == 1 and self._since_ns:
            if self.spun_ns > allowed_ns:
                least_ns = min(LEAST_NS, self._wanted_ns)
                self.ns = max(least_ns, self.ns * allowed_ns // self.spun_ns)
            elif 2 * self.spun_ns < allowed_ns:
                self.ns = min(self._wanted_ns, self.ns + self.ns // 4 + 1)
        self._since_ns, self.spun_ns = now_ns, 0
