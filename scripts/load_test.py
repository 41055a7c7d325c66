"""How `countenance serve --demo` bears load on this machine, over loopback, as a user starts it.

    python scripts/load_test.py [--verifications N] [--clients N] [--cores N] [--json]

Starts the server as a process of its own in a temporary folder, held to some cores where the system allows
that, and measures, in this order:

* the time from the start to the first answer, weights on disk, twice: on a new folder and on one that is
  there already;
* one client: the median of verifications of one size;
* several clients at once: the 50th and 99th percentile, and how many were told to come again;
* a long run of mixed sizes: resident memory after each tenth of it.

Nothing but loopback is used, and counts and times are bounded. The clients run beside the server, so what
they cost is in the figures.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import signal
import socket  # noqa: TID251 - finds a free port of loopback
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageOps
from rich.console import Console
from rich.table import Table

from countenance.scenes import draw_specimen_card
from countenance.vision.registry import SampleStore

FIELDS = {
    "place": "plc_frontdesk",
    "device": "dev_deskcamera",
    "consents": "yes",
    "age_band": "adult",
    "language": "en",
}
HEAD = (0.325, 0.0, 0.752, 0.44)  # head and shoulders of the sample photograph obama
STEADY_SIDE = 640
SIDES = (250, 320, 480, 640, 960, 1280, 1600)
LONGEST_START = 60.0
LONGEST_ANSWER = 60.0
MIB = 1024 * 1024


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    address: str
    key: str
    process: int
    start_s: float


@dataclass
class Answers:
    """What clients saw."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    refused_without_retry_after: int = 0

    def note(self, response: httpx.Response, seconds: float) -> None:
        """Note one answer; only served ones count for the time."""
        self.statuses[response.status_code] += 1
        if response.status_code == httpx.codes.OK:
            self.seconds.append(seconds)
            self.outcomes[response.json()["outcome"]] += 1
        elif "retry-after" not in response.headers:
            self.refused_without_retry_after += 1

    def percentile(self, percent: int) -> float:
        """Return a percentile of the served requests' seconds."""
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[percent - 1]


class Photographs:
    """Pairs of pictures that are new each time: another quality, so other bytes, of the same faces."""

    def __init__(self) -> None:
        samples = SampleStore()
        self._card = draw_specimen_card(samples.read("obama"), part=HEAD)
        with Image.open(io.BytesIO(samples.read("obama2"))) as image:
            self._live = image.convert("RGB")
        self._scaled = {side: ImageOps.contain(self._live, (side, side)) for side in SIDES}

    def files(self, number: int, side: int) -> dict[str, bytes]:
        """Return the form's files of the n-th verification."""
        buffer = io.BytesIO()
        self._scaled[side].save(buffer, "JPEG", quality=80 + number % 16)
        return {"document": self._card, "live": buffer.getvalue()}


@contextmanager
def serving(folder: Path, cores: frozenset[int]) -> Iterator[Server]:
    """Start the server on a free port, wait for its first answer, stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "countenance.cli", "serve", "--demo", "--folder", str(folder)]
    log = (folder.parent / "server.log").open("ab")
    begun = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--port", str(port), "--json"], stdout=subprocess.PIPE, stderr=log, text=True
    )
    try:
        if cores:
            os.sched_setaffinity(process.pid, cores)
        greeting = _greeting(process)
        address = f"http://127.0.0.1:{port}"
        _wait_for_answer(process, f"{address}/v1/openapi.json", begun)
        yield Server(address, greeting["api_key"], process.pid, time.perf_counter() - begun)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def _greeting(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Read the one JSON object that the server prints; it may have several lines."""
    if process.stdout is None:
        raise SystemExit("the server's words can't be read")
    text = ""
    for line in process.stdout:
        text += line
        try:
            found: dict[str, Any] = json.loads(text)
        except json.JSONDecodeError:
            continue
        return found
    raise SystemExit("the server ended before it served")


def _wait_for_answer(process: subprocess.Popen[str], url: str, begun: float) -> None:
    while time.perf_counter() - begun < LONGEST_START:
        if process.poll() is not None:
            raise SystemExit("the server ended before it served")
        try:
            if httpx.get(url, timeout=2, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise SystemExit("the server didn't answer in time")


def verify(client: httpx.Client, server: Server, files: dict[str, bytes], seen: Answers) -> httpx.Response:
    """Send one verification and note how it went."""
    begun = time.perf_counter()
    response = client.post(
        f"{server.address}/v1/verifications",
        data=FIELDS,
        files=files,
        headers={"Authorization": f"Bearer {server.key}"},
    )
    seen.note(response, time.perf_counter() - begun)
    return response


def new_client() -> httpx.Client:
    """Return a client that goes nowhere but where it is told."""
    return httpx.Client(timeout=LONGEST_ANSWER, trust_env=False)


def one_client(server: Server, photographs: Photographs, count: int) -> Answers:
    """Verify one after another."""
    seen = Answers()
    with new_client() as client:
        for number in range(3):
            verify(client, server, photographs.files(number, STEADY_SIDE), Answers())
        for number in range(count):
            verify(client, server, photographs.files(number, STEADY_SIDE), seen)
    return seen


def many_clients(server: Server, photographs: Photographs, clients: int, each: int) -> Answers:
    """Verify from several clients at once; who is told to come again waits and does."""
    seen, lock = Answers(), threading.Lock()
    start = threading.Barrier(clients)

    def work(first: int) -> None:
        with new_client() as client:
            ready = [photographs.files(first + number, STEADY_SIDE) for number in range(each)]
            start.wait()
            for files in ready:
                for _ in range(20):
                    own = Answers()
                    response = verify(client, server, files, own)
                    with lock:
                        seen.seconds += own.seconds
                        seen.statuses += own.statuses
                        seen.outcomes += own.outcomes
                        seen.refused_without_retry_after += own.refused_without_retry_after
                    if response.status_code == httpx.codes.OK:
                        break
                    time.sleep(float(response.headers.get("retry-after", "1")))

    threads = [threading.Thread(target=work, args=(100 * number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def resident_mib(process: int) -> float:
    """Return a process's resident memory in MiB."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("the server's memory can't be read")


def long_run(
    server: Server, photographs: Photographs, count: int, console: Console
) -> tuple[Answers, list[float], list[float]]:
    """Verify pictures of mixed sizes from two clients; memory and median seconds after each tenth."""
    seen, memory, medians = Answers(), [resident_mib(server.process)], []
    lock = threading.Lock()
    for tenth in range(10):
        numbers = iter(range(tenth * count // 10, (tenth + 1) * count // 10))
        before = len(seen.seconds)

        def work(numbers: Iterator[int] = numbers) -> None:
            with new_client() as client:
                while True:
                    with lock:
                        number = next(numbers, None)
                    if number is None:
                        return
                    files, own = photographs.files(number, SIDES[number % len(SIDES)]), Answers()
                    verify(client, server, files, own)
                    with lock:
                        seen.seconds += own.seconds
                        seen.statuses += own.statuses
                        seen.outcomes += own.outcomes
                        seen.refused_without_retry_after += own.refused_without_retry_after

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        memory.append(resident_mib(server.process))
        medians.append(statistics.median(seen.seconds[before:] or [0.0]))
        console.print(f"  {(tenth + 1) * 10:3d} %  {memory[-1]:.0f} MiB  {medians[-1] * 1000:.0f} ms")
    return seen, memory, medians


def measure(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Run all measurements; return figures and conditions."""
    photographs = Photographs()
    cores = frozenset(sorted(os.sched_getaffinity(0))[: arguments.cores])
    with tempfile.TemporaryDirectory(prefix="countenance-load-") as temporary:
        folder = Path(temporary) / "demo"
        with serving(folder, cores) as first:
            first_start = first.start_s
        with serving(folder, cores) as server:
            console.print(f"started in {first_start:.1f} s (new folder), {server.start_s:.1f} s (again)")
            alone = one_client(server, photographs, arguments.alone)
            console.print(f"one client: median {statistics.median(alone.seconds) * 1000:.0f} ms")
            together = many_clients(server, photographs, arguments.clients, arguments.each)
            console.print(f"{arguments.clients} clients: p99 {together.percentile(99) * 1000:.0f} ms")
            mixed, memory, medians = long_run(server, photographs, arguments.verifications, console)
    median = statistics.median(alone.seconds)
    settled = memory[5:] if len(memory) > 5 else memory  # noqa: PLR2004
    return {
        "figures": {
            "start_new_folder_s": round(first_start, 2),
            "start_s": round(server.start_s, 2),
            "median_ms": round(median * 1000, 1),
            "p50_clients_ms": round(together.percentile(50) * 1000, 1),
            "p99_clients_ms": round(together.percentile(99) * 1000, 1),
            "p99_over_median": round(together.percentile(99) / median, 2),
            "told_to_come_again": sum(n for s, n in together.statuses.items() if s != httpx.codes.OK),
            "refused_without_retry_after": together.refused_without_retry_after
            + mixed.refused_without_retry_after,
            "memory_mib": round(memory[-1], 1),
            "memory_growth_second_half_mib": round(settled[-1] - settled[0], 1),
            "verifications": sum(mixed.statuses.values()),
            "slowing_last_over_first_tenth": round(medians[-1] / medians[0], 2),
        },
        "memory_by_tenth_mib": [round(value, 1) for value in memory],
        "median_by_tenth_ms": [round(value * 1000, 1) for value in medians],
        "statuses": {
            "one": dict(alone.statuses),
            "many": dict(together.statuses),
            "long": dict(mixed.statuses),
        },
        "outcomes": dict(alone.outcomes + together.outcomes + mixed.outcomes),
        "conditions": {
            "cores_of_the_server": len(cores),
            "cores_of_the_machine": os.cpu_count(),
            "load_average_at_end": round(os.getloadavg()[0], 2),
            "clients": arguments.clients,
            "sides_px": list(SIDES),
            "steady_side_px": STEADY_SIDE,
            "python": platform.python_version(),
            "system": platform.platform(),
        },
    }


def render(found: dict[str, Any], console: Console) -> None:
    """Show the figures as a table."""
    table = Table("figure", "value")
    for name, value in found["figures"].items():
        table.add_row(name, str(value))
    console.print(table)
    console.print(found["conditions"])


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="How the server bears load on this machine.")
    parser.add_argument("--verifications", type=int, default=2000, help="of the long run, 10 to 20000")
    parser.add_argument("--clients", type=int, default=8, help="at once, 1 to 64")
    parser.add_argument("--alone", type=int, default=60, help="verifications of one client, 10 to 1000")
    parser.add_argument("--each", type=int, default=15, help="verifications of each client, 2 to 200")
    parser.add_argument("--cores", type=int, default=2, help="cores that the server may use")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    read = parser.parse_args(arguments)
    bounds = {
        "verifications": (10, 20_000),
        "clients": (1, 64),
        "alone": (10, 1000),
        "each": (2, 200),
        "cores": (1, 1024),
    }
    for name, (least, most) in bounds.items():
        if not least <= getattr(read, name) <= most:
            parser.error(f"--{name} lies between {least} and {most}")
    return read


def main() -> None:
    """Measure and print."""
    arguments = parse()
    console = Console(stderr=arguments.json)
    found = measure(arguments, console)
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        render(found, console)


if __name__ == "__main__":
    main()
