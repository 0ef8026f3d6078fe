"""How often the generations of one provider are asked after, as a run learns how long they take."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.polling.learning import Prior, Seen, after_earlier_runs, fit
from pipeline.core.polling.schedule import Manners, wait_s
from pipeline.core.run.expecting import History, Kind

MOST_WATCHED = 192  # generations of a kind that are learned from, the latest
FLYING_WATCHED = 64  # of those in flight: of more, every second one, every third …
NEWS_SHARE = 0.1  # of what was learned from has to be new for another estimate
RUNNING_NEWS = 1 / 16  # what "still running" tells, against what an end does


class Learner:
    """What a run has seen of one kind. Generations are watched from their beginning.

    Those that ended lately would not do: the long ones of the same age are still running. So the
    latest that *began* are taken, with those that run as far as they are known.
    """

    def __init__(self, prior: Prior) -> None:
        self._prior = prior
        self._watched: dict[str, Seen] = {}
        self._begun = 0
        self._ended = 0
        self._news = 0.0
        self.belief = fit(prior, ())

    def begin(self, name: str, *, flying: int) -> None:
        """Watches it, unless so many are in flight that some of them tell enough."""
        self._begun += 1
        if self._begun % (1 + flying // FLYING_WATCHED):
            return
        self._watched[name] = Seen(0.0, None)
        if len(self._watched) > MOST_WATCHED:
            first = next(iter(self._watched))
            self._ended -= self._watched.pop(first).high_s is not None

    def running_at(self, name: str, age_s: float) -> None:
        """It was not ready at that age."""
        seen = self._watched.get(name)
        if seen is not None and age_s > seen.low_s:
            self._watched[name] = Seen(age_s, None)
            self._learn(RUNNING_NEWS)

    def ready_by(self, name: str, age_s: float) -> None:
        """It was ready at that age."""
        seen = self._watched.get(name)
        if seen is not None and age_s > seen.low_s:
            self._watched[name] = Seen(seen.low_s, age_s)
            self._ended += 1
            self._learn(1.0)

    def _learn(self, news: float) -> None:
        self._news += news
        if self._news >= max(1.0, NEWS_SHARE * self._ended):
            self._news = 0.0
            known = [seen for seen in self._watched.values() if seen != (0.0, None)]
            self.belief = fit(self._prior, known)


@dataclass(slots=True, kw_only=True)
class Flight:
    """A generation that is asked after; ``rate`` is its polls a second, were it alone."""

    learner: Learner
    rate: float = 0.0
    is_asked: bool = False


class Pace:
    """The waits between polls of one provider, by what was seen of each kind.

    Where all generations together would be asked after more often than manners allow, every wait
    is stretched alike: what is most likely to be ready still comes first.
    """

    def __init__(self, manners: Manners, history: History) -> None:
        self._manners = manners
        self._history = history
        self._learners: dict[Kind, Learner] = {}
        self._flights: dict[str, Flight] = {}
        self._rate = 0.0

    def begin(self, name: str, kind: Kind, *, is_young: bool) -> None:
        """It is in flight. What is not ``is_young`` ran before, unseen, and teaches nothing."""
        learner = self._learner(kind)
        self._flights[name] = Flight(learner=learner)
        if is_young:
            learner.begin(name, flying=len(self._flights))

    def running_at(self, name: str, age_s: float) -> None:
        """It was asked after at that age, in seconds, and is not ready."""
        flight = self._flights[name]
        flight.is_asked = True
        flight.learner.running_at(name, age_s)

    def ready_by(self, name: str, age_s: float) -> None:
        """It was ready at that age."""
        self._flights[name].learner.ready_by(name, age_s)

    def end(self, name: str) -> None:
        """It is asked after no more, for whatever reason."""
        flight = self._flights.pop(name)
        self._rate = self._rate - flight.rate if self._flights else 0.0

    def wait_s(self, name: str, age_s: float) -> float:
        """Seconds until its next poll."""
        flight = self._flights[name]
        belief, is_first = flight.learner.belief, not flight.is_asked
        alone_s = wait_s(belief, age_s, self._manners, is_first=is_first)
        self._rate += 1 / alone_s - flight.rate
        flight.rate = 1 / alone_s
        stretch = self._rate / self._manners.most_a_second
        if stretch <= 1:
            return alone_s
        return wait_s(belief, age_s, self._manners, is_first=is_first, stretch=stretch)

    def _learner(self, kind: Kind) -> Learner:
        if kind not in self._learners:
            prior = after_earlier_runs(self._manners.prior, self._history.get(kind, ()))
            self._learners[kind] = Learner(prior)
        return self._learners[kind]
