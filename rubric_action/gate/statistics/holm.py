"""Many tests at once: Holm's correction."""

from collections.abc import Sequence


def holm(chances: Sequence[float]) -> tuple[float, ...]:
    """Each p-value as it counts among all of them, in the same order; none for none.

    S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6 (1979): the i-th smallest of n is multiplied by n - i + 1, and is no less than the
    one before it. To reject where this is at most alpha keeps the chance of any false rejection
    at alpha, however the tests depend on each other.
    """
    order = sorted(range(len(chances)), key=chances.__getitem__)
    adjusted = [0.0] * len(chances)
    least = 0.0
    for rank, at in enumerate(order):
        least = max(least, min(1.0, chances[at] * (len(chances) - rank)))
        adjusted[at] = least
    return tuple(adjusted)
