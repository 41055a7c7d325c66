"""What every observer keeps to. Subclass it and give it one that sees its facts and one that doesn't."""

from __future__ import annotations

from datetime import timedelta

from countenance.authority import Observer
from countenance.kernel import canonical_json
from countenance.policy import IssuerKind, Vocabulary


class ObserverContract:
    """A subclass has the fixtures ``seeing`` and ``blind``, both observers of one kind."""

    def test_it_says_what_it_looks_at(self, seeing: Observer, vocabulary: Vocabulary) -> None:
        assert seeing.keys
        for key in seeing.keys:
            assert IssuerKind.SYSTEM in vocabulary.evidence[key].issuers

    def test_it_reports_only_that(self, seeing: Observer, blind: Observer) -> None:
        for observer in (seeing, blind):
            assert {observed.key for observed in observer.observe()} <= observer.keys

    def test_it_sees_its_facts(self, seeing: Observer) -> None:
        assert {observed.key for observed in seeing.observe()} == seeing.keys

    def test_it_reports_nothing_that_it_does_not_see(self, blind: Observer) -> None:
        assert {observed.key for observed in blind.observe()} < blind.keys

    def test_it_sees_the_same_twice(self, seeing: Observer) -> None:
        assert seeing.observe() == seeing.observe()

    def test_what_it_says_is_json_and_lasts_a_while(self, seeing: Observer) -> None:
        for observed in seeing.observe():
            assert observed.content
            assert canonical_json(dict(observed.content))
            assert timedelta(0) < observed.valid_for <= timedelta(days=1)
