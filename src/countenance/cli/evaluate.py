"""`countenance evaluate`: how often is comparison wrong, on a data set?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from countenance.cli.evaluate_congress import congress
from countenance.cli.evaluate_liveness import liveness
from countenance.cli.evaluate_people import identification, parity, quality
from countenance.cli.evaluating import (
    DetectorOption,
    EmbedderOption,
    EvaluationBars,
    FreshFlag,
    JurisdictionsOption,
    MirroredFlag,
    NameOption,
    OriginOption,
    RecordsOption,
    TermsOption,
    ThreadsOption,
    conditions_of,
    render_evaluation,
    threads_of,
)
from countenance.cli.options import JsonFlag, SetOption, SettingsOption, settings_of
from countenance.cli.output import ExitStatus, answer
from countenance.evaluation.charts import verification_charts
from countenance.evaluation.datasets import DatasetProvenance, open_pair_dataset, stated_provenance
from countenance.evaluation.protocol import VerificationResult
from countenance.evaluation.report import require_charts, verification_figures, words_of, write_report
from countenance.evaluation.report_page import write_page
from countenance.runtime.evaluation import EvaluationInstallation, prepare_evaluation

__all__ = ["evaluate_app", "verification"]

_PROTECTION: Final = (
    "Protection is a rotation under a key. D_sys beside its null says whether scores link templates of two "
    "keys; it proves nothing about turning a template back into a face. Who has the key has the vector."
)

evaluate_app = typer.Typer(no_args_is_help=True, help="Measure how often comparison is wrong, on a data set.")


@evaluate_app.callback()
def _root() -> None:
    """Measure how often comparison is wrong, on a data set."""


@evaluate_app.command()
def verification(
    *,
    dataset: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="pairs.csv and a folder of pictures per name.", file_okay=False
        ),
    ],
    name: NameOption = None,
    origin: OriginOption = None,
    terms: TermsOption = None,
    jurisdiction: JurisdictionsOption = None,
    embedder: EmbedderOption = None,
    detector: DetectorOption = None,
    mirrored: MirroredFlag = False,
    threads: ThreadsOption = None,
    protected: Annotated[
        bool,
        typer.Option("--protected", help="Compare once more under a key; say what that gives away."),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FOLDER",
            help="Write a page, a PDF, JSON, DET curve and histograms.",
        ),
    ] = None,
    folder: RecordsOption = Path("var/evaluation"),
    fresh: FreshFlag = False,
    replicates: Annotated[
        int,
        typer.Option("--replicates", metavar="N", help="Of the bootstrap over people.", min=100, max=20000),
    ] = 1000,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Compare the pairs of a data set, 1:1, and say how often that is wrong. Aggregates come out, alone."""
    if report is not None:
        require_charts()
    overrides: dict[str, Any] = {"embedder": embedder, "detector": detector, "threads": threads_of(threads)}
    settings = settings_of(settings_file, stated, overrides)
    pairs = open_pair_dataset(dataset)
    provenance = stated_provenance(dataset, name=name, origin=origin, terms=terms)
    ready = prepare_evaluation(
        settings,
        folder=folder,
        dataset=pairs,
        provenance=provenance,
        jurisdictions=tuple(jurisdiction or ()),
        mirrored=mirrored,
        fresh=fresh,
    )
    with ready, EvaluationBars(quiet=as_json) as bars:
        result = ready.evaluation.run(pairs, progress=bars, replicates=replicates, protected=protected)
    document = _document(
        result, ready, provenance, list_sha256=pairs.sha256, threads=settings.threads, replicates=replicates
    )
    if report is not None:
        title = f"{provenance.name if provenance else 'data set'}: {len(pairs)} pairs"
        written = write_report(result, document=document, folder=report, title=title)
        charts = verification_charts(written)
        page = write_page(document, title="1:1 verification", charts=charts, folder=report)
        document["files"] = [str(file) for file in (written.files[0], *page)]
    answer(
        document,
        lambda console: render_evaluation(console, document, title="1:1 verification"),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _document(
    result: VerificationResult,
    ready: EvaluationInstallation,
    provenance: DatasetProvenance | None,
    *,
    list_sha256: str,
    threads: int,
    replicates: int,
) -> dict[str, object]:
    return {
        "outcome": "measured",
        "figures": verification_figures(result),
        "said": [words_of(rate) for rate in result.accuracy.true_match_rates]
        + ([_PROTECTION] if result.protection is not None else []),
        "conditions": {
            "data_set": provenance.model_dump() if provenance else {},
            "list_sha256": list_sha256,
            "protocol": f"{result.accuracy.accuracy.folds} sets, each judged at the threshold of the others; "
            "a pair without a template is no match",
            "interval": f"95 %, bootstrap over people, {replicates} replicates",
            **conditions_of(ready.networks, ready.model_id, threads=threads),
        },
    }


for _command in (congress, identification, liveness, parity, quality):
    evaluate_app.command()(_command)
