"""Variants: the choices of tabs that a page shows, and which combinations of them are run."""

import itertools
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

# Above this many combinations a page runs a set in which every *pair* of choices occurs, and says so.
MOST_COMBINATIONS = 6

Variant = dict[str, str]


@dataclass(frozen=True)
class TabFamilies:
    """The tab labels that may be used, by family, and the servers that each label stands for.

    :param needs: family → label → names of needs in ``conf/services.toml``.
    :param environment: family → label → variables that the choice is run with, which no page shows.
    """

    needs: dict[str, dict[str, list[str]]]
    environment: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    def family_of(self, label: str) -> str | None:
        """Return the family that a label belongs to, or None if no family knows it."""
        return next((family for family, labels in self.needs.items() if label in labels), None)

    def needs_of(self, variant: Variant) -> list[str]:
        """Return the needs of a choice of tabs, in the order of the families."""
        return [need for family, label in variant.items() for need in self.needs[family][label]]

    def environment_of(self, variant: Variant) -> dict[str, str]:
        """Return the variables that a choice of tabs is run with."""
        found: dict[str, str] = {}
        for family, label in variant.items():
            found |= self.environment.get(family, {}).get(label, {})
        return found


def read_families(path: Path) -> TabFamilies:
    """Read ``conf/tabs.toml``; a missing file knows no family."""
    if not path.exists():
        return TabFamilies({})
    families = TabFamilies({})
    for family, labels in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for label, value in labels.items():
            table = value if isinstance(value, dict) else {"needs": value}
            families.needs.setdefault(family, {})[label] = table["needs"]
            families.environment.setdefault(family, {})[label] = table.get("environment", {})
    return families


def _pairs(combination: tuple[tuple[str, str], ...]) -> set[tuple[tuple[str, str], tuple[str, str]]]:
    return set(itertools.combinations(combination, 2))


def combine(families: dict[str, list[str]]) -> list[Variant]:
    """Return the variants of a page.

    :param families: the families that occur on the page, each with the labels shown, in page order.
    :returns: every combination, or above :data:`MOST_COMBINATIONS` a small set that covers every pair.
        One empty variant if the page has no tabs.
    """
    choices = [[(family, label) for label in labels] for family, labels in families.items()]
    combinations = list(itertools.product(*choices))
    if len(combinations) <= MOST_COMBINATIONS:
        return [dict(combination) for combination in combinations]
    missing = set().union(*(_pairs(combination) for combination in combinations))
    chosen = []
    while missing:
        best = max(combinations, key=lambda combination: len(_pairs(combination) & missing))
        chosen.append(dict(best))
        missing -= _pairs(best)
    return chosen


def describe(variant: Variant) -> str:
    """Return a variant the way ids and the command line spell it: ``database=MariaDB,broker=Redis``."""
    return ",".join(f"{family}={label}" for family, label in variant.items())


def parse_choice(text: str) -> Variant:
    """Parse ``family=label`` pairs, separated by commas.

    :raises ValueError: if a pair has no equals sign.
    """
    choice = {}
    for pair in text.split(","):
        family, equals, label = pair.partition("=")
        if not equals or not family.strip() or not label.strip():
            raise ValueError(f"{pair!r} is no choice of a tab. Write it as family=label, for example database=MariaDB.")
        choice[family.strip()] = label.strip()
    return choice


def fits(choice: Variant, variant: Variant) -> bool:
    """Tell whether a variant makes every choice that is asked for; letter case does not matter."""
    return all(variant.get(family, "").lower() == label.lower() for family, label in choice.items())
