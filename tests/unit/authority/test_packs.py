"""The rules that come with the package, as the desk reads them."""

from __future__ import annotations

from countenance.authority import shipped_rules
from strategies.policy import shipped


def test_all_packs_are_read_and_fit_the_vocabulary() -> None:
    rules, vocabulary = shipped_rules()
    expected_rules, expected_vocabulary = shipped()
    assert len(rules.rules) == 160
    assert rules.sha256 == expected_rules.sha256
    assert rules.codes == {
        "*", "AU", "CN", "EU", "IN", "UK", "US", "US/CO", "US/IL", "US/NY", "US/NY/NYC", "US/OR/PDX",
        "US/TX", "US/WA",
    }  # fmt: skip
    assert vocabulary == expected_vocabulary
    vocabulary.check(rules)


def test_they_are_read_once() -> None:
    assert shipped_rules() is shipped_rules()


def test_a_hash_is_known_for_every_pack() -> None:
    rules, _ = shipped_rules()
    assert len({pack.sha256 for pack in rules.packs}) == len(rules.packs) == 14
    assert all(len(pack.sha256) == 64 for pack in rules.packs)
