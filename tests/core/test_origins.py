import pytest

from pipeline.core.purchase.origins import foreign_origin, is_loopback, origin_of

PUBLIC = "https://api.aimlapi.com"
LOCAL = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.aimlapi.com", "https://api.aimlapi.com"),
        ("HTTPS://API.AimlApi.com/v2/", "https://api.aimlapi.com"),
        ("http://127.0.0.1:8080/base", "http://127.0.0.1:8080"),
        ("http://[::1]:9000/x", "http://[::1]:9000"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str):
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "origin",
    [LOCAL, "http://localhost", "http://vendor.localhost:1", "http://127.8.9.10", "http://[::1]:9"],
)
def test_this_machine_is_loopback(origin: str):
    assert is_loopback(origin)


@pytest.mark.parametrize(
    "origin",
    [
        PUBLIC,
        "http://10.0.0.1",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://[2001:db8::1]",
        "http://",
    ],
)
def test_every_other_place_is_not(origin: str):
    assert not is_loopback(origin)


def test_a_rehearsal_and_the_real_thing_do_not_share_a_journal():
    assert foreign_origin(LOCAL, [PUBLIC]) == PUBLIC
    assert foreign_origin(PUBLIC, [PUBLIC, LOCAL]) == LOCAL


def test_another_host_on_the_same_side_is_no_stranger():
    assert foreign_origin("https://eu.example.com", [PUBLIC]) is None
    assert foreign_origin("http://[::1]:1", [LOCAL]) is None
    assert foreign_origin(PUBLIC, []) is None


def test_an_origin_that_nobody_recorded_says_nothing():
    assert foreign_origin(PUBLIC, [""]) is None
