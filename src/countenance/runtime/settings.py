"""Every setting, with its unit, limit and default.

Precedence, lowest first: defaults, one TOML file, environment variables ``COUNTENANCE_*``, what the command
line says. ``docs/reference/settings.md`` is generated from this module.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from countenance.runtime.capture_settings import CaptureSettings
from countenance.runtime.errors import SettingsInvalid
from countenance.runtime.retention_settings import RetentionSettings
from countenance.vision.registry import default_models_folder

__all__ = ["ENVIRONMENT_PREFIX", "FILE_VARIABLE", "Settings", "load_settings"]

ENVIRONMENT_PREFIX = "COUNTENANCE_"
FILE_VARIABLE = "COUNTENANCE_SETTINGS_FILE"
_NOT_SETTINGS = frozenset({FILE_VARIABLE, "COUNTENANCE_SAMPLES_FOLDER", "COUNTENANCE_TESTED_FROM"})
"""Variables of this prefix that mean something else."""


def _xdg(variable: str, fallback: str) -> Path:
    """Return a folder of the XDG base directory specification."""
    stated = os.environ.get(variable, "")
    return Path(stated) if Path(stated).is_absolute() else Path.home() / fallback


def _default_data_folder() -> Path:
    return _xdg("XDG_DATA_HOME", ".local/share") / "countenance"


def _default_root_key() -> str:
    return f"file:{_xdg('XDG_CONFIG_HOME', '.config') / 'countenance' / 'root.key'}"


class Settings(RetentionSettings, CaptureSettings):
    """What an installation can be told. Frozen; read once at start."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    settings_file: Annotated[
        Path | None,
        Field(
            title="Settings file",
            description="The TOML file that was read. Stated on the command line or in "
            "COUNTENANCE_SETTINGS_FILE alone.",
        ),
    ] = None
    data_folder: Annotated[
        Path,
        Field(
            default_factory=_default_data_folder,
            title="Data folder",
            description="Folder of the database, the sealed records and the transparency log. Readable "
            "by its owner alone.",
        ),
    ]
    root_key: Annotated[
        str,
        Field(
            default_factory=_default_root_key,
            title="Root key",
            description="URI of the key that wraps every other key: file:/path (mode 0600, outside the "
            "data folder), env:NAME (32 bytes, base64), vault:https://HOST:PORT/MOUNT/KEY, "
            "awskms:arn:aws:kms:… or gcpkms:projects/… (need the extra of that name).",
            pattern=r"^(file:.+|env:[A-Za-z_][A-Za-z0-9_]*|vault:https?://.+|awskms:arn:.+|gcpkms:projects/.+)$",
        ),
    ]
    database: Annotated[
        str | None,
        Field(
            title="Database",
            description="URL of the PostgreSQL database with the records, without a password: "
            "postgresql://user@host/name. A SQLite file in the data folder if left out. Needs the extra "
            "postgresql.",
            pattern=r"^postgresql://",
            max_length=1000,
        ),
    ] = None
    gallery: Annotated[
        str | None,
        Field(
            title="Gallery",
            description="Where references are searched: ray://HOST:PORT or ray:auto for the parts of a Ray "
            "cluster (needs the extra cluster and a token). In this process if left out.",
            pattern=r"^ray:(auto|//[A-Za-z0-9.\[\]:-]+:\d{1,5})$",
            max_length=300,
        ),
    ] = None
    gallery_shards: Annotated[
        int,
        Field(
            title="Parts of the gallery",
            description="In how many parts a cluster holds it, 1 to 256. The same at every server.",
            ge=1,
            le=256,
        ),
    ] = 2
    gallery_patience_seconds: Annotated[
        float,
        Field(
            title="Patience with a part",
            description="Seconds for which a part of the gallery that died is waited for, 1 to 3600.",
            ge=1,
            le=3600,
        ),
    ] = 60.0
    comparisons_per_hour: Annotated[
        int,
        Field(
            title="Comparisons an hour",
            description="How many verifications and searches one caller, and one device, gets in an hour, "
            "1 to 36000; a tenth of them at once.",
            ge=1,
            le=36_000,
        ),
    ] = 600
    reference_comparisons_per_day: Annotated[
        int,
        Field(
            title="Comparisons with one reference a day",
            description="How often one pass or one document's portrait is compared without a match in a "
            "day, 1 to 1000; ten of them at once.",
            ge=1,
            le=1000,
        ),
    ] = 50
    models_folder: Annotated[
        Path,
        Field(
            default_factory=default_models_folder,
            title="Models folder",
            description="Folder of the verified weights that `countenance models pull` brings.",
        ),
    ]
    rules_folder: Annotated[
        Path | None,
        Field(
            title="Rules folder",
            description="Folder of the operator's own rule packs, one TOML file each. They are added to the "
            "shipped rules and can only make them stricter.",
        ),
    ] = None
    host: Annotated[
        str,
        Field(
            title="Address",
            description="Address that the server binds to. Anything but loopback needs TLS: "
            "tls_certificate, or behind_tls_proxy.",
            min_length=1,
            max_length=253,
        ),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        Field(
            title="Port",
            description="TCP port of the server, 0 to 65535; 0 takes a free one.",
            ge=0,
            le=65535,
        ),
    ] = 8420
    tls_certificate: Annotated[
        Path | None,
        Field(
            title="TLS certificate",
            description="PEM file of the server's certificate chain. Needs tls_private_key.",
        ),
    ] = None
    tls_private_key: Annotated[
        Path | None,
        Field(
            title="TLS private key",
            description="PEM file of the certificate's key, mode 0600. Needs tls_certificate.",
        ),
    ] = None
    behind_tls_proxy: Annotated[
        bool,
        Field(
            title="Behind a TLS proxy",
            description="The operator's word that a proxy on the way to this address ends TLS. Allows "
            "a bind beyond loopback.",
        ),
    ] = False
    allowed_hosts: Annotated[
        tuple[str, ...],
        Field(
            title="Host names",
            description="Host names, besides the address itself and loopback, that requests may name. "
            "In the environment: "
            "a JSON list.",
            max_length=32,
        ),
    ] = ()
    public_url: Annotated[
        str | None,
        Field(
            title="Public address",
            description="Address under which people reach this installation, such as "
            "https://desk.example: where signs and receipts lead. Unset: they carry a URN instead of an "
            "address. Plain http for loopback alone.",
            max_length=200,
            pattern=r"^(https://[^\s/?#@]+|http://(127\.0\.0\.1|localhost)(:\d{1,5})?)(/[^\s?#]*)?$",
        ),
    ] = None
    auth: Annotated[
        bool,
        Field(
            title="API keys",
            description="Whether an API key is asked for. Off is possible on loopback alone, for "
            "development.",
        ),
    ] = True
    session_minutes: Annotated[
        int,
        Field(title="Session", description="Minutes that a clerk stays signed in, 1 to 720.", ge=1, le=720),
    ] = 30
    largest_upload_bytes: Annotated[
        int,
        Field(
            title="Largest upload",
            description="Bytes of one uploaded file, 1024 to 104857600 (100 MiB).",
            ge=1024,
            le=100 * 1024 * 1024,
        ),
    ] = 20 * 1024 * 1024
    capture_largest_bytes: Annotated[
        int,
        Field(
            title="Largest picture, bytes",
            description="Bytes of one encoded picture, 1024 to 104857600 (100 MiB).",
            ge=1024,
            le=100 * 1024 * 1024,
        ),
    ] = 20 * 1024 * 1024
    capture_largest_pixels: Annotated[
        int,
        Field(
            title="Largest picture, pixels",
            description="Width times height of one picture, 4096 to 200000000. Read from the header "
            "before decoding.",
            ge=4096,
            le=200_000_000,
        ),
    ] = 50_000_000
    capture_smallest_side: Annotated[
        int,
        Field(
            title="Smallest picture",
            description="Pixels of the shorter side, 32 to 4096.",
            ge=32,
            le=4096,
        ),
    ] = 64
    threads: Annotated[
        int,
        Field(
            title="Threads",
            description="Threads of each network, 1 to 64. A server scales by requests, so one is enough.",
            ge=1,
            le=64,
        ),
    ] = 1
    detector: Annotated[
        str | None,
        Field(
            title="Face detector",
            description="Id of a detector of `countenance models list`. Unset: the default one.",
            max_length=80,
        ),
    ] = None
    document_detector: Annotated[
        str | None,
        Field(
            title="Face detector for documents",
            description="Id of the detector that finds the portrait in a document. Unset: "
            "ultraface-rfb-320, which finds portraits of 70 pixels on a page of 1,012.",
            max_length=80,
        ),
    ] = None
    embedder: Annotated[
        str | None,
        Field(
            title="Embedding network",
            description="Id of an embedding network of `countenance models list`. Unset: the default "
            "one. Each needs its own "
            "error table.",
            max_length=80,
        ),
    ] = None
    mirrored_averaging: Annotated[
        bool,
        Field(
            title="Mirrored averaging",
            description="Whether the vector of the mirrored face is added: about 0.2 points of accuracy "
            "for twice the time of the embedding (docs/explanation/evaluation.md). Needs its own table.",
        ),
    ] = False
    eight_bit_weights: Annotated[
        bool,
        Field(
            title="Weights of eight bits",
            description="Whether the default embedder's weights are rounded to eight bits: about half the "
            "time, no accuracy lost that could be measured (docs/explanation/embedders.md). It counts as "
            "another model, with its own error table; networks without such a form run as they are.",
        ),
    ] = True
    onnx_runtime: Annotated[
        Literal["onnxruntime", "openvino", "openvino-bf16"],
        Field(
            title="Runtime of ONNX embedders",
            description="What runs an embedding network that comes as an .onnx file: onnxruntime, openvino "
            "(float32, compared with onnxruntime when it is loaded) or openvino-bf16, whose scores differ: "
            "it counts as another model and needs its own error table. OpenVINO needs the extra openvino.",
        ),
    ] = "onnxruntime"
    quality_gate: Annotated[
        int,
        Field(
            title="Quality gate",
            description="Unified quality, 0 to 100, below which a photograph isn't compared.",
            ge=0,
            le=100,
        ),
    ] = 30
    quality_gate_component: Annotated[
        int,
        Field(
            title="Quality gate, single measures",
            description="Quality of any single measured component, 0 to 100, below which a photograph "
            "isn't compared.",
            ge=0,
            le=100,
        ),
    ] = 10
    error_target: Annotated[
        float | None,
        Field(
            title="Error target",
            description="False match rate, above 0 and below 1, that every scene has to keep. A "
            "scene's own stands where it is "
            "smaller. Unset: the scene's own.",
            gt=0,
            lt=1,
        ),
    ] = None
    identification_fpir: Annotated[
        float,
        Field(
            title="Falsely named strangers",
            description="Share of strangers whom a search may falsely name (FPIR), above 0, at most 0.1. A "
            "search may ask for less. The threshold follows from it and from how many people are enrolled.",
            gt=0,
            le=0.1,
        ),
    ] = 0.001
    liveness_sessions: Annotated[
        int,
        Field(
            title="Liveness sessions",
            description="Liveness sessions that are open at once, 1 to 200. Who is too many is told when to "
            "come back. Two cores look at a hundred frames a second.",
            ge=1,
            le=200,
        ),
    ] = 20
    passive_networks: Annotated[
        tuple[str, ...],
        Field(
            title="Passive networks",
            description="Ids of the networks of `countenance models list` that say in a liveness session "
            "whether a face looks like a picture of one, at most 4. Each may deny; level 1 is confirmed by "
            "one that was measured well enough (docs/explanation/liveness.md). In the environment: a JSON "
            "list.",
            max_length=4,
        ),
    ] = ("fr-liveness",)
    permit_lifetime_seconds: Annotated[
        int,
        Field(title="Permit lifetime", description="Seconds that a permit holds, 1 to 3600.", ge=1, le=3600),
    ] = 120
    observation_seconds: Annotated[
        float,
        Field(
            title="Observation",
            description="Seconds for which a look at the system itself stands (log, vault, register of "
            "devices, ways in), 0 to 60, at most the permit lifetime; 0 looks at every request.",
            ge=0,
            le=60,
        ),
    ] = 1.0
    checkpoint_entries: Annotated[
        int,
        Field(
            title="Checkpoint entries",
            description="A checkpoint of the transparency log is kept after so many entries, 1 to 1000000.",
            ge=1,
            le=1_000_000,
        ),
    ] = 1000
    checkpoint_minutes: Annotated[
        int,
        Field(
            title="Checkpoint minutes",
            description="Or with the first entry after so many minutes, 1 to 10080.",
            ge=1,
            le=10_080,
        ),
    ] = 60
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Field(
            title="Log level", description="Least severe event that is logged: debug, info, warning or error."
        ),
    ] = "info"

    @field_validator(
        "data_folder", "models_folder", "rules_folder", "tls_certificate", "tls_private_key", mode="after"
    )
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        """Paths are made absolute, so that a later change of folder changes nothing."""
        return None if path is None else path.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line over environment over file; no ``.env`` file and no secrets folder is read."""
        file = (
            init_settings.init_kwargs.get("settings_file")
            if isinstance(init_settings, InitSettingsSource)
            else None
        )
        if file is None:
            return init_settings, env_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)


def load_settings(*, file: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings from file, environment and command line.

    Args:
        file: the TOML file; ``None`` takes the one that ``COUNTENANCE_SETTINGS_FILE`` names, if any.
        overrides: what the command line says, by the name of the setting; ``None`` values are left out.

    Raises:
        SettingsInvalid: if the file isn't there or isn't TOML, or a setting is unknown, of the wrong form or
            outside its limits. The message names the settings and never repeats their values.
    """
    stated = os.environ.get(FILE_VARIABLE)
    file = file if file is not None else Path(stated) if stated else None
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    if file is not None:
        _require_toml(file)
        given["settings_file"] = file.absolute()
    try:
        settings = Settings(**given)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'settings'}: {item['msg']}"
            for item in error.errors(include_url=False, include_input=False, include_context=False)
        )
        msg = f"The settings can't be used: {wrong}."
        raise SettingsInvalid(msg) from None
    _refuse_unknown_variables(settings)
    return settings


def _require_toml(file: Path) -> None:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        msg = "The settings file can't be read."
        raise SettingsInvalid(msg) from error
    except tomllib.TOMLDecodeError as error:
        msg = f"The settings file isn't TOML: {error}."
        raise SettingsInvalid(msg) from error
    if "settings_file" in content:
        msg = "A settings file can't name another settings file."
        raise SettingsInvalid(msg)


def _refuse_unknown_variables(settings: Settings) -> None:
    """Refuse variables of our prefix that no setting has: a typing error would be ignored otherwise."""
    known = {f"{ENVIRONMENT_PREFIX}{name}".upper() for name in Settings.model_fields} - {
        f"{ENVIRONMENT_PREFIX}SETTINGS_FILE"
    }
    scheme, _, variable = settings.root_key.partition(":")
    key_variable = {variable.upper()} if scheme == "env" else set()
    unknown = sorted(
        name
        for name in os.environ
        if name.upper().startswith(ENVIRONMENT_PREFIX)
        and name.upper() not in known | _NOT_SETTINGS | key_variable
    )
    if unknown:
        msg = f"The environment has settings that nobody knows: {', '.join(unknown)}."
        raise SettingsInvalid(msg)
