"""The wiring of searches among enrolled people, and of the people who look at their answers.

Rules kept here:

* What searches is what enrolled: one network, one gallery, and the error table of both.
* Who asks for a search attends; who reviews its answer is a reviewer.
* Nothing that leaves this module holds a template, the gallery or a store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial

from countenance.authority import Act, Author, AuthorityDesk, RoleTable, installed_rules, shipped_roles
from countenance.capture import CaptureDoor, CaptureLimits, FrameSource, looks_like_video
from countenance.cases import ReviewState, SearchReviews
from countenance.decisions import IdentificationDesk, SearchDoor
from countenance.kernel import Clock, DecisionId, SystemClock
from countenance.liveness import NotShownToBeAPerson
from countenance.runtime.error_tables import error_table_in_use
from countenance.runtime.galleries import OpenGallery, open_gallery
from countenance.runtime.networks import choose_networks, load_analyser, load_embedder
from countenance.runtime.observing import observers_here
from countenance.runtime.opening import authority_over, begin_work, open_store
from countenance.runtime.pacing import comparison_limits
from countenance.runtime.passage import passage_watching
from countenance.runtime.selfcheck import examine_settings, require_ready
from countenance.runtime.settings import Settings
from countenance.runtime.streams import video_source
from countenance.scenes import (
    IdentificationFlow,
    PassageOrder,
    PassageWatching,
    VisitOrder,
    VisitResult,
)
from countenance.store import Store
from countenance.vision import ExtractionDoor, FaceAnalyser, QualityGate, SeveralFaces
from countenance.vision.embedding import Embedder
from countenance.vision.registry import ModelStore

__all__ = ["IdentificationRoom", "identification_room", "open_identification"]


class IdentificationRoom:
    """Searches for whoever stands there, and takes reviewers' words about the answers.

    Args:
        flow: takes down what a visitor said and searches under a permit.
        reviews: takes the words.
        roles: who may do what.
        clip_of: makes a clip out of an encoded video.
        watching: gives what looks at clips of whoever passes; asked when the first one comes.
    """

    __slots__ = ("_clip_of", "_flow", "_reviews", "_roles", "_watching")

    def __init__(
        self,
        *,
        flow: IdentificationFlow,
        reviews: SearchReviews,
        roles: RoleTable,
        clip_of: Callable[[bytes], FrameSource],
        watching: Callable[[], PassageWatching],
    ) -> None:
        self._flow = flow
        self._clip_of = clip_of
        self._watching = watching
        self._reviews = reviews
        self._roles = roles

    @property
    def fpir(self) -> float:
        """The false positive identification rate that every search keeps at least."""
        return self._flow.fpir

    def identify(self, order: VisitOrder, *, author: Author) -> VisitResult:
        """Carry out one search; see :meth:`~countenance.scenes.IdentificationFlow.run`.

        A clip in the place of the picture is looked at first; see :meth:`identify_passing`.

        Raises:
            RoleMayNot: if the role doesn't attend.
        """
        self._roles.require(author.role, Act.CARRY_OUT_SCENE)
        if looks_like_video(order.probe):
            return self.identify_passing(order, self._clip_of(order.probe), author=author)
        return self._flow.run(order)

    def identify_passing(self, order: VisitOrder, clip: FrameSource, *, author: Author) -> VisitResult:
        """Look at a clip, and search for the one person who is shown to be there; see :meth:`identify`.

        Args:
            order: the search; its picture is taken from the clip.
            clip: a video or a declared camera.
            author: who asks.

        Raises:
            ClipWithoutTimes: if the clip has no times.
            NotShownToBeAPerson: if no face was shown to be a person's; nobody is searched for then.
            SeveralFaces: if several people were.
        """
        self._roles.require(author.role, Act.CARRY_OUT_SCENE)
        passage = PassageOrder(
            clip, order.purpose, order.place, order.device, order.guest, most=clip.most_frames
        )
        seen = self._watching().run(passage)
        if not seen.persons:
            why = [face.judgement.why for face in seen.faces] or ["No face was seen."]
            raise NotShownToBeAPerson(why[0] if len(why) == 1 else "None of the faces that were seen is.")
        if len(seen.persons) > 1:
            raise SeveralFaces("Several people were shown to be there.")
        person = seen.persons[0]
        return self._flow.run(replace(order, probe=person.encoded, shown=person.shown))

    def review(self, decision_id: DecisionId, *, right: bool, author: Author) -> ReviewState:
        """Take one reviewer's word; see :meth:`~countenance.cases.SearchReviews.review`."""
        return self._reviews.review(decision_id, right=right, author=author)


def identification_room(
    settings: Settings,
    *,
    store: Store,
    authority: AuthorityDesk,
    clock: Clock,
    analyser: FaceAnalyser,
    embedder: Embedder,
    gallery: OpenGallery,
) -> IdentificationRoom:
    """Put searches together over an open store, loaded networks and an open gallery.

    Raises:
        ErrorTableInvalid: if there is no table for these networks.
    """
    networks = choose_networks(settings, ModelStore(folder=settings.models_folder).manifest)
    verifier, roles = authority.verifier, shipped_roles()
    desk = IdentificationDesk(
        authority=authority,
        capture_door=CaptureDoor(
            verifier=verifier,
            limits=CaptureLimits(
                largest_bytes=settings.capture_largest_bytes,
                largest_pixels=settings.capture_largest_pixels,
                smallest_side=settings.capture_smallest_side,
            ),
        ),
        analyser=analyser,
        extraction_door=ExtractionDoor(embedder=embedder, verifier=verifier, operation="identify"),
        search_door=SearchDoor(gallery=gallery, store=store, verifier=verifier),
        gallery=gallery,
        error_table=error_table_in_use(networks, store).table,
        store=store,
        clock=clock,
        quality_gate=QualityGate(
            least_unified=settings.quality_gate, least_component=settings.quality_gate_component
        ),
        limits=comparison_limits(settings, store=store, clock=clock),
    )
    return IdentificationRoom(
        flow=IdentificationFlow(desk=desk, authority=authority, fpir=settings.identification_fpir),
        reviews=SearchReviews(store=store, authority=authority, roles=roles, clock=clock),
        roles=roles,
        clip_of=partial(video_source, settings=settings),
        watching=cache(lambda: passage_watching(settings, store=store, authority=authority, clock=clock)),
    )


@contextmanager
def open_identification(settings: Settings, *, clock: Clock | None = None) -> Iterator[IdentificationRoom]:
    """Open the records of an installation and put searches together.

    Raises:
        InstallationNotReady: if something is unsafe or missing.
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened or a network isn't here.
    """
    require_ready(examine_settings(settings))
    clock = clock or SystemClock()
    models = ModelStore(folder=settings.models_folder)
    networks = choose_networks(settings, models.manifest)
    rules, vocabulary = installed_rules(settings.rules_folder)
    with open_store(settings, clock=clock) as store:
        authority = authority_over(
            settings,
            store=store,
            rules=rules,
            vocabulary=vocabulary,
            clock=clock,
            observers=observers_here(settings, store=store, clock=clock, serving=False),
            look_every=timedelta(seconds=min(settings.observation_seconds, settings.permit_lifetime_seconds)),
        )
        begin_work(store, authority)
        embedder = load_embedder(networks, models, threads=settings.threads)
        gallery = open_gallery(
            settings, store=store, model_id=embedder.model_id, dimensions=embedder.dimension, clock=clock
        )
        try:
            yield identification_room(
                settings,
                store=store,
                authority=authority,
                clock=clock,
                analyser=load_analyser(networks, models, threads=settings.threads),
                embedder=embedder,
                gallery=gallery,
            )
        finally:
            gallery.close()
