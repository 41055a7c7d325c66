"""What every key provider does. Subclass it, give the two fixtures, and it runs.

A provider is fit when it wraps 32-byte keys so that they come back under the same root key and context,
and under nothing else, and when neither its URI nor its ``repr`` gives the root key away.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from countenance.kernel import KeyProvider, OperatorError

KEY = bytes(range(32))
CONTEXT = b'{"deployment":"dep_a","key":"master"}'


class KeyProviderContract:
    """Fixtures to give: ``provider``, ``another_provider`` (other root key), ``secrets_of_provider``."""

    @pytest.fixture
    def provider(self) -> KeyProvider:
        raise NotImplementedError

    @pytest.fixture
    def another_provider(self) -> KeyProvider:
        """The same kind of provider with another root key."""
        raise NotImplementedError

    @pytest.fixture
    def secrets_of_provider(self) -> Sequence[str]:
        """Texts that no message, URI or repr may hold: the root key as it is written down."""
        raise NotImplementedError

    def test_a_key_comes_back(self, provider: KeyProvider) -> None:
        assert provider.unwrap(provider.wrap(KEY, context=CONTEXT), context=CONTEXT) == KEY

    def test_what_is_wrapped_does_not_show_the_key(self, provider: KeyProvider) -> None:
        wrapped = provider.wrap(KEY, context=CONTEXT)
        assert all(KEY[i : i + 4] not in wrapped for i in range(29))

    def test_the_same_key_wraps_to_other_bytes_each_time(self, provider: KeyProvider) -> None:
        assert len({provider.wrap(KEY, context=CONTEXT) for _ in range(8)}) == 8

    def test_two_objects_with_one_root_key_understand_each_other(self, provider: KeyProvider) -> None:
        again = self.same_again(provider)
        assert again.unwrap(provider.wrap(KEY, context=CONTEXT), context=CONTEXT) == KEY

    def same_again(self, provider: KeyProvider) -> KeyProvider:
        """Return a second object for the same URI."""
        raise NotImplementedError

    @pytest.mark.parametrize("context", [b"", b"x", CONTEXT[:-1], CONTEXT + b" ", CONTEXT.upper()])
    def test_another_context_is_refused(self, provider: KeyProvider, context: bytes) -> None:
        wrapped = provider.wrap(KEY, context=CONTEXT)
        with pytest.raises(OperatorError):
            provider.unwrap(wrapped, context=context)

    def test_another_root_key_is_refused(self, provider: KeyProvider, another_provider: KeyProvider) -> None:
        wrapped = provider.wrap(KEY, context=CONTEXT)
        with pytest.raises(OperatorError):
            another_provider.unwrap(wrapped, context=CONTEXT)

    def test_every_changed_byte_is_noticed(self, provider: KeyProvider) -> None:
        wrapped = provider.wrap(KEY, context=CONTEXT)
        for position in range(len(wrapped)):
            altered = bytearray(wrapped)
            altered[position] ^= 0x01
            with pytest.raises(OperatorError):
                provider.unwrap(bytes(altered), context=CONTEXT)

    def test_a_cut_or_lengthened_blob_is_refused(self, provider: KeyProvider) -> None:
        wrapped = provider.wrap(KEY, context=CONTEXT)
        for other in (b"", wrapped[:-1], wrapped[1:], wrapped + b"\x00"):
            with pytest.raises(OperatorError):
                provider.unwrap(other, context=CONTEXT)

    @pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
    def test_only_keys_of_32_bytes_are_wrapped(self, provider: KeyProvider, length: int) -> None:
        with pytest.raises(ValueError, match="32 bytes"):
            provider.wrap(bytes(length), context=CONTEXT)

    def test_uri_repr_and_errors_hold_no_secret(
        self, provider: KeyProvider, secrets_of_provider: Sequence[str]
    ) -> None:
        with pytest.raises(OperatorError) as refused:
            provider.unwrap(b"", context=CONTEXT)
        shown = (provider.uri, repr(provider), refused.value.diagnostics(), repr(refused.value))
        assert secrets_of_provider
        assert not [text for text in shown for secret in secrets_of_provider if secret in text]
