"""What the floors above hold gives them no way around a permit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from countenance.authority import AuthorityDesk
from countenance.capture import CaptureDoor
from countenance.decisions import ReceiptRefused, VerificationDesk
from countenance.kernel import KeyProvider, OperatorError
from countenance.runtime import Services, load_settings, prepare_demo
from countenance.store import ApiKeyRefused, Ed25519Signer, Store, TransparencyLog, Vault
from countenance.templates import ComparisonDoor
from countenance.vision import ExtractionDoor, FaceAnalyser
from countenance.vision.detection import BlazeFaceShort, UltraFaceRfb320
from countenance.vision.embedding import FrFeature512, MobileFaceNet192
from countenance.vision.landmarks import FaceMesh468
from countenance.vision.registry import ModelStore
from countenance.vision.runtimes import LiteRtSession, OnnxSession
from desk_installation import Installation, open_installation

GUARDED: tuple[type, ...] = (
    AuthorityDesk,
    BlazeFaceShort,
    CaptureDoor,
    ComparisonDoor,
    Ed25519Signer,
    ExtractionDoor,
    FaceAnalyser,
    FaceMesh468,
    FrFeature512,
    LiteRtSession,
    MobileFaceNet192,
    ModelStore,
    OnnxSession,
    Store,
    TransparencyLog,
    UltraFaceRfb320,
    Vault,
    VerificationDesk,
)


def reachable(root: object) -> Iterator[tuple[str, object]]:
    """Everything that public attributes, mappings and sequences lead to, each object once."""
    seen: set[int] = set()
    waiting = [("services", root)]
    while waiting:
        path, value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        yield path, value
        if isinstance(value, Mapping):
            waiting += [(f"{path}[{key!r}]", inner) for key, inner in value.items()]
        elif isinstance(value, tuple | list | set | frozenset):
            waiting += [(f"{path}[]", inner) for inner in value]
        elif type(value).__module__.startswith("countenance."):
            waiting += [
                (f"{path}.{name}", getattr(value, name))
                for name in dir(value)
                if not name.startswith("_") and not name.startswith("model_")
            ]


@pytest.mark.models
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_attribute_leads_to_a_store_a_door_or_a_network(tmp_path: Path) -> None:
    with prepare_demo(load_settings(), folder=tmp_path / "demo") as ready:
        found = {path: type(value) for path, value in reachable(ready.services) if isinstance(value, GUARDED)}
        places = [path for path, _ in reachable(ready.services)]
    assert found == {}
    assert any("attended" in path for path in places)
    assert len(places) > 100


def test_the_walk_would_have_found_one(tmp_path: Path) -> None:
    with open_installation(tmp_path) as installation:
        assert [path for path, value in reachable({"a": (installation.store,)}) if isinstance(value, GUARDED)]


def test_nothing_on_it_is_called_after_what_is_guarded() -> None:
    names = set(Services.__dataclass_fields__)
    assert not names & {"gallery", "embedder", "store", "vault", "signer", "authority", "desk", "models"}
    assert not [name for name in names if "key_provider" in name or "template" in name]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with open_installation(tmp_path) as opened:
        yield opened


class TestApiKeys:
    """Issued, checked, replaced."""

    def test_an_issued_key_is_good(self, installation: Installation) -> None:
        key = installation.services.api_keys.issue(name="Back office", roles=("clerk",))
        record = installation.services.api_keys.check(key)
        assert record.name == "Back office"
        assert record.roles == ("clerk",)

    @pytest.mark.parametrize("presented", ["", "cnt_", "cnt_aaaaaaaa_" + "a" * 52, "Bearer x"])
    def test_another_text_is_refused(self, installation: Installation, presented: str) -> None:
        with pytest.raises(ApiKeyRefused):
            installation.services.api_keys.check(presented)

    def test_a_replaced_key_is_revoked_and_others_stay(self, installation: Installation) -> None:
        keys = installation.services.api_keys
        other = keys.issue(name="Another desk", roles=("clerk",))
        first = keys.replace(name="DEMO desk", roles=("clerk",))
        second = keys.replace(name="DEMO desk", roles=("clerk",))
        assert keys.check(second).name == "DEMO desk"
        assert keys.check(other).name == "Another desk"
        with pytest.raises(ApiKeyRefused):
            keys.check(first)

    def test_a_key_has_name_and_roles(self, installation: Installation) -> None:
        with pytest.raises(ValueError, match="role"):
            installation.services.api_keys.issue(name="Desk", roles=())


def test_the_directory_lists_by_id(installation: Installation) -> None:
    assert [place.place_id for place in installation.services.directory.places()] == ["plc_frontdesk"]
    assert [device.device_id for device in installation.services.directory.devices()] == ["dev_deskcamera"]


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_receipt_is_refused(installation: Installation, token: str) -> None:
    with pytest.raises(ReceiptRefused):
        installation.services.receipts.check(token)


def test_a_signed_statement_of_another_kind_is_no_receipt(installation: Installation) -> None:
    permit = installation.store.signer.sign({"permit_id": "prm_a"}, kind="countenance-permit+jws")
    with pytest.raises(ReceiptRefused):
        installation.services.receipts.check(permit)


def test_the_public_key_holds_no_private_part(installation: Installation) -> None:
    jwk = installation.services.receipts.public_jwk()
    assert jwk["kty"] == "OKP"
    assert "d" not in jwk


def test_key_providers_are_known_to_the_wiring_alone() -> None:
    assert not [name for name, kind in Services.__annotations__.items() if KeyProvider.__name__ in str(kind)]
    assert issubclass(ApiKeyRefused, Exception)
    assert not issubclass(ApiKeyRefused, OperatorError)
