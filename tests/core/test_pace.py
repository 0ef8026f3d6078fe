from pipeline.core.polling.pace import MOST_WATCHED, Learner, Pace
from pipeline.core.polling.schedule import HOSTED, ON_THIS_MACHINE, Manners
from pipeline.core.run.expecting import History, Kind
from pipeline.core.wanted.album import Provider

MUSIC = Kind(Provider.AIMLAPI, "minimax/music-2.6")
OTHER = Kind(Provider.AIMLAPI, "stable-audio")


def follow(pace: Pace, name: str, wait_s: float, kind: Kind = MUSIC) -> list[float]:
    """The ages at which a generation that takes ``wait_s`` is asked after; the last sees it."""
    pace.begin(name, kind, is_young=True)
    ages_s = [pace.wait_s(name, 0.0)]
    while ages_s[-1] < wait_s:
        pace.running_at(name, ages_s[-1])
        ages_s.append(ages_s[-1] + pace.wait_s(name, ages_s[-1]))
    pace.ready_by(name, ages_s[-1])
    pace.end(name)
    return ages_s


def after(waits_s: list[float], manners: Manners = HOSTED, history: History | None = None) -> Pace:
    pace = Pace(manners, history or {})
    for number, wait_s in enumerate(waits_s):
        follow(pace, f"before {number}", wait_s)
    return pace


def test_a_song_that_takes_as_long_as_those_before_is_seen_soon_after():
    ages_s = follow(after([240.0] * 20), "one", 240.0)
    assert ages_s[-1] - 240 < 5
    assert len(ages_s) < len(follow(after([]), "one", 240.0)) / 2


def test_what_other_models_take_says_nothing():
    known = after([240.0] * 20)
    assert follow(known, "one", 90.0, OTHER) == follow(after([]), "one", 90.0, OTHER)


def test_an_earlier_run_is_remembered():
    known = after([], history={MUSIC: (240.0,) * 20})
    assert follow(known, "one", 240.0)[0] > 45
    assert follow(after([]), "one", 240.0)[0] < 40


def test_a_rehearsal_of_two_seconds_is_seen_within_a_twentieth_of_them():
    ages_s = follow(after([2.0] * 40, ON_THIS_MACHINE), "one", 2.0)
    assert ages_s[-1] - 2 < 0.1
    assert len(ages_s) < 15


def test_what_an_earlier_run_began_teaches_nothing():
    taught, untaught = after([]), after([])
    taught.begin("resumed", MUSIC, is_young=False)
    taught.ready_by("resumed", 2000.0)
    taught.end("resumed")
    assert follow(taught, "one", 90.0) == follow(untaught, "one", 90.0)


def test_the_same_songs_are_asked_after_at_the_same_times():
    waits_s = [50.0, 140.0, 90.0, 75.0]
    assert follow(after(waits_s), "one", 100.0) == follow(after(waits_s), "one", 100.0)


def test_more_than_manners_allow_are_asked_after_more_seldom():
    pace = after([])
    waits_s = []
    for number in range(5000):
        pace.begin(str(number), MUSIC, is_young=True)
        waits_s.append(pace.wait_s(str(number), 80.0))
    assert waits_s[0] == waits_s[100]  # few change nothing
    assert len(waits_s) / waits_s[-1] <= HOSTED.most_a_second * 1.2
    for number in range(4900):
        pace.end(str(number))
    assert pace.wait_s("4999", 80.0) == waits_s[0]


def test_ten_thousand_in_flight_are_learned_from_by_the_hundred():
    learner = Learner(HOSTED.prior)
    for number in range(10_000):
        learner.begin(str(number), flying=number + 1)
    for number in range(10_000):
        learner.running_at(str(number), 200.0)
    for number in range(10_000):
        learner.ready_by(str(number), 210.0)
    assert 180 < learner.belief.median_s < 220
    assert len(learner._watched) <= MOST_WATCHED
