"""What everything that keeps something because of a consent must do when the consent is withdrawn."""

from __future__ import annotations

from abc import ABC, abstractmethod

from countenance.authority import ConsentWithdrawn, WithdrawalListener


class WithdrawalListenerContract(ABC):
    """Derive a test class from it."""

    @abstractmethod
    def listener_and_withdrawn(self) -> tuple[WithdrawalListener, ConsentWithdrawn]:
        """A listener that keeps something, and the withdrawal of the consent that it rests on."""

    @abstractmethod
    def kept(self, listener: WithdrawalListener) -> int:
        """How many things it keeps because of that consent."""

    def test_it_says_what_it_keeps(self) -> None:
        listener, _ = self.listener_and_withdrawn()
        assert listener.name.strip()

    def test_it_lets_go(self) -> None:
        listener, withdrawn = self.listener_and_withdrawn()
        assert self.kept(listener) > 0
        listener.consent_withdrawn(withdrawn)
        assert self.kept(listener) == 0

    def test_being_told_twice_does_nothing_the_second_time(self) -> None:
        listener, withdrawn = self.listener_and_withdrawn()
        listener.consent_withdrawn(withdrawn)
        listener.consent_withdrawn(withdrawn)
        assert self.kept(listener) == 0
