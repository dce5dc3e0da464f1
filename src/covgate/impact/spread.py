"""What a change affects, as it is told to the tests of one import closure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.impact.index import Place
    from covgate.impact.parametrized import Parameters


class Spread(NamedTuple):
    """What a change affects, for the tests of one import closure; values are reasons.

    `bodies` are (file, block) that mention an affected name, `members` those that mention only
    an affected member of a class, with the classes that it is a member of. `names` are (file,
    name), `wide` files all of whose users are affected, `risky` files whose import may now fail,
    `parameters` tests of which nothing but the parameters changed. `making` is a reason when files
    that git does not know may be made in another way. `passed_over` says that more is affected for
    those who evaluate annotations. `words` are the names by which `bodies` and `members` mention
    what is affected; a body without any is affected as such.
    """

    bodies: Mapping[Place, str]
    members: Mapping[Place, Mapping[Place, str]]
    names: Mapping[Place, str]
    attributes: Mapping[Place, str]
    fixtures: Mapping[str, str]
    wide: Mapping[str, str]
    risky: Mapping[str, str]
    parameters: Mapping[Place, Parameters] = {}
    making: str = ""
    passed_over: bool = False
    words: Mapping[Place, set[str]] = {}
