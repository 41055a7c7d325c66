"""Who is let in, who is told to come again, and when."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from countenance.server.admission import Admission, ServerBusy
from countenance.web import BUSY
from event_loop import finish

HEAVY = "/v1/verifications"


@dataclass
class Work:
    """An application that works until it is told to end, and counts how many are inside."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    inside: int = 0
    most_inside: int = 0
    fails: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            await self.go.wait()
            if self.fails:
                raise RuntimeError
            await PlainTextResponse("done")(scope, receive, send)
        finally:
            self.inside -= 1


@dataclass
class Seconds:
    """A clock that stands until it is moved."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def client(app: Admission) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


def admission(work: Work, clock: Seconds, *, most: int = 3, at_once: int = 1) -> Admission:
    return Admission(work, clock=clock, paths=[HEAVY], most=most, at_once=at_once)


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_whoever_does_not_fit_is_told_when_to_come_again() -> None:
    async def run() -> None:
        work = Work()
        async with client(admission(work, Seconds())) as asking:
            inside = [asyncio.create_task(asking.post(HEAVY, content=b"x")) for _ in range(3)]
            await settle()
            refused = await asking.post(HEAVY, content=b"x")
            assert refused.status_code == 503
            assert refused.headers["retry-after"] == "2"  # three of half a second each, one at a time
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.json()["code"] == "server-busy"
            work.go.set()
            assert [response.status_code for response in await asyncio.gather(*inside)] == [200] * 3
            assert work.most_inside == 3

    finish(run())


def test_there_is_room_again_when_one_has_left() -> None:
    async def run() -> None:
        work = Work()
        async with client(admission(work, Seconds(), most=1)) as asking:
            first = asyncio.create_task(asking.post(HEAVY))
            await settle()
            assert (await asking.post(HEAVY)).status_code == 503
            work.go.set()
            await first
            assert (await asking.post(HEAVY)).status_code == 200

    finish(run())


def test_a_failure_leaves_its_room_too() -> None:
    async def run() -> None:
        work = Work(fails=True)
        work.go.set()
        async with client(admission(work, Seconds(), most=1)) as asking:
            for _ in range(5):
                assert (await asking.post(HEAVY)).status_code == 500
            work.fails = False
            assert (await asking.post(HEAVY)).status_code == 200

    finish(run())


@pytest.mark.parametrize(("method", "path"), [("GET", HEAVY), ("POST", "/v1/verdicts"), ("GET", "/healthz")])
def test_what_costs_little_is_always_let_in(method: str, path: str) -> None:
    async def run() -> None:
        work = Work()
        async with client(admission(work, Seconds(), most=1)) as asking:
            heavy = asyncio.create_task(asking.post(HEAVY))
            await settle()
            light = asyncio.create_task(asking.request(method, path))
            await settle()
            assert work.inside == 2
            work.go.set()
            assert (await light).status_code == 200
            await heavy

    finish(run())


def test_the_wait_follows_what_requests_took() -> None:
    async def run() -> None:
        work, clock = Work(), Seconds()
        app = admission(work, clock, most=2)

        async def refused_wait() -> int:
            work.go.clear()
            async with client(app) as asking:
                inside = [asyncio.create_task(asking.post(HEAVY)) for _ in range(2)]
                await settle()
                answer = await asking.post(HEAVY)
                work.go.set()
                await asyncio.gather(*inside)
            return int(answer.headers["retry-after"])

        async def served(seconds: float) -> None:
            work.go.clear()
            async with client(app) as asking:
                task = asyncio.create_task(asking.post(HEAVY))
                await settle()
                clock.now += seconds
                work.go.set()
                await task

        assert await refused_wait() == 1
        for _ in range(30):
            await served(4.0)
        assert 7 <= await refused_wait() <= 8
        for _ in range(30):
            await served(400.0)
        assert await refused_wait() == 30

    finish(run())


@pytest.mark.parametrize(("most", "at_once"), [(0, 1), (1, 0)])
def test_somebody_is_always_let_in(most: int, at_once: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        admission(Work(), Seconds(), most=most, at_once=at_once)


def test_a_page_s_application_answers_itself_and_reads_no_body() -> None:
    async def run() -> None:
        work = Work()
        told: list[object] = []

        async def page(scope: Scope, receive: Receive, send: Send) -> None:
            told.append(scope.get(BUSY))
            if BUSY in scope:
                await PlainTextResponse("full", 503)(scope, receive, send)
            else:
                await work(scope, receive, send)

        app = Admission(page, clock=Seconds(), paths=[HEAVY, "/"], pages=["/"], most=1, at_once=1)
        async with client(app) as asking:
            first = asyncio.create_task(asking.post("/"))
            await settle()
            assert (await asking.post("/")).text == "full"
            assert (await asking.post(HEAVY)).json()["code"] == "server-busy"
            work.go.set()
            await first
        assert told[0] is None
        busy = told[1]
        assert isinstance(busy, ServerBusy)
        assert busy.retry_after == 1

    finish(run())
