"""Everything that follows from one configuration, built before anything of it is put to use."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from backchannel.config import Settings, SourceConfig
from backchannel.foundation import Foundation
from backchannel.reload import NotReadyError
from listener.asking import listen_terms
from listener.rules import Rulebook
from listener.source import Source
from listener.sources.reddit import RedditSource
from listener.sources.reddit_client import RedditClients
from listener.sources.reddit_config import RedditConfig
from listener.sources.x import XSource
from listener.sources.x_rules import queries
from matcher.assess import Assessor
from matcher.custom_model import CustomModelError, decision_for
from matcher.linker import Linker
from matcher.mention import LinkPolicy
from matcher.model_file import LinkingModel
from matcher.second_reader import SecondReaderError
from matcher.threshold import ByBrand, LearntThresholds, fingerprint
from matcher.verdict import Verdict
from notifier.dispatch import Dispatcher
from notifier.receivers import open_transport
from notifier.transport import Transport

_ALLOWED_SILENCE = 60.0


@dataclass(frozen=True)
class Assembly:
    """The parts that a reload replaces together. Sources and transports hold no connection until they are used.

    ``learnt`` are the weights that linking has learnt here, None where the shipped ones decide.
    """

    settings: Settings
    rulebook: Rulebook
    judge: ByBrand
    linker: Linker
    assessor: Assessor[Verdict]
    dispatcher: Dispatcher
    transports: Mapping[str, Transport]
    learnt: LinkingModel | None = None

    def link_policy(self, source: str) -> LinkPolicy:
        """Give whether links may be sought for what a source hears; ``off`` for one that is no longer configured."""
        config = self.settings.sources.get(source)
        return "off" if config is None else config.linking


def assemble(
    settings: Settings,
    foundation: Foundation,
    learnt: LinkingModel | None = None,
    judge: ByBrand | None = None,
) -> Assembly:
    """Build the parts, linking by ``learnt``; raises NotReadyError where something valid cannot come into force.

    ``judge`` tells complaints as ``settings`` say; it is made here where it is left out.
    """
    try:
        for name in settings.sources:
            open_source(name, settings, foundation.reddit)
    except ValueError as error:
        raise NotReadyError(str(error)) from error
    judge = judge or open_judge(settings, foundation)
    linker = _linker(settings, foundation, learnt)
    return Assembly(
        settings=settings,
        rulebook=Rulebook(settings.rules, settings.own_accounts),
        judge=judge,
        linker=linker,
        assessor=Assessor(judge, linker),
        dispatcher=Dispatcher(settings.notifier),
        transports={name: open_transport(name, config) for name, config in settings.notifier.receivers.items()},
        learnt=learnt,
    )


def open_judge(settings: Settings, foundation: Foundation, before: Assembly | None = None) -> ByBrand:
    """Load the model that tells complaints, or give that of ``before`` where ``matcher.complaint`` is the same.

    A custom model takes seconds, and longer where its hub does not answer: call it in a thread. Raises NotReadyError.
    """
    complaint = settings.matcher.complaint
    if before is not None and before.settings.matcher.complaint == complaint:
        return before.judge
    try:
        if complaint.reads_twice:
            foundation.encoder.prepare_second()
        model = decision_for(complaint, foundation.encoder)
    except (CustomModelError, SecondReaderError) as error:
        raise NotReadyError(str(error)) from error
    return ByBrand(model, complaint, fingerprint(complaint), {})


def reweighed(current: Assembly, foundation: Foundation, learnt: LinkingModel | None) -> Assembly:
    """Give the same parts, but for linking by other weights."""
    linker = _linker(current.settings, foundation, learnt)
    return replace(current, linker=linker, assessor=Assessor(current.judge, linker), learnt=learnt)


def rejudged(current: Assembly, thresholds: LearntThresholds) -> Assembly:
    """Give the same parts, but for other learnt thresholds."""
    judge = current.judge.with_learnt(thresholds)
    return replace(current, judge=judge, assessor=Assessor(judge, current.linker))


def _linker(settings: Settings, foundation: Foundation, learnt: LinkingModel | None) -> Linker:
    return Linker(
        foundation.db, settings.matcher.linking, encode=foundation.encoder.encode, model=learnt, shelf=foundation.shelf
    )


def open_source(name: str, settings: Settings, reddit: RedditClients) -> Source:
    """Make a source that has not connected yet; raises ValueError where its platform could not serve the rules."""
    config = settings.sources[name]
    match config:
        case RedditConfig():
            return RedditSource(name, config, clients=reddit)
        case _:
            return XSource(name, config, queries(listen_terms(settings.rules), reposts=config.reposts))


def silence(config: SourceConfig) -> float:
    """Give for how many seconds a source may be silent before it counts as stalled."""
    own = config.poll_every if isinstance(config, RedditConfig) else config.stall_after
    return own.total_seconds() + _ALLOWED_SILENCE


def listening_changed(name: str, old: Settings, new: Settings) -> bool:
    """Say whether a source has to be opened anew: its section changed, or what it asks its platform for."""
    before: SourceConfig | None = old.sources.get(name)
    after: SourceConfig | None = new.sources.get(name)
    if before != after:
        return True
    return after is not None and after.kind == "x" and listen_terms(old.rules) != listen_terms(new.rules)
