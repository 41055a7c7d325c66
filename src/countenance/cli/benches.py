"""The commands under `countenance bench`, together."""

from countenance.cli.bench import bench_app
from countenance.cli.bench_cluster import cluster
from countenance.cli.bench_enrol import enrol
from countenance.cli.bench_erase import erase
from countenance.cli.bench_liveness import liveness
from countenance.cli.bench_log import log
from countenance.cli.bench_search import search

__all__ = ["bench_app"]

bench_app.command("log")(log)
bench_app.command("search")(search)
bench_app.command("erase")(erase)
bench_app.command("enrol")(enrol)
bench_app.command("cluster")(cluster)
bench_app.command("liveness")(liveness)
