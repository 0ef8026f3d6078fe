"""The answers of services that no test can ask, in the words of the client's errors."""

import pytest

from pipeline.adapters.blob_store.refusals import refusal
from pipeline.errors import StoreRefused, StoreUnreachable, StoreUnusable

QUOTED = "Error performing PUT https://b.s3.eu-west-1.amazonaws.com/x?sig=hunter2 in 1ms - "


def answer(status: int, code: str) -> str:
    return (
        f"{QUOTED}Server returned non-2xx status code: {status} Some Words: "
        f"<Error><Code>{code}</Code><Message>about hunter2</Message></Error>"
    )


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        (answer(403, "AccessDenied"), StoreRefused, "refuses the credentials (403 AccessDenied)"),
        (answer(400, "ExpiredToken"), StoreRefused, "refuses the credentials (400 ExpiredToken)"),
        (answer(301, "PermanentRedirect"), StoreUnusable, "in another region (301 Perm"),
        (answer(400, "AuthorizationHeaderMalformed"), StoreUnusable, "in another region"),
        (answer(404, "ContainerNotFound"), StoreUnusable, "there is no such bucket"),
        (answer(503, "SlowDown"), StoreUnreachable, "the service fails (503 SlowDown)"),
        (answer(429, "TooManyRequests"), StoreUnreachable, "the service fails (429"),
        (answer(411, "MissingContentLength"), StoreRefused, "refuses it (411 Missing"),
        (f"{QUOTED}HTTP error: error sending request", StoreUnreachable, "does not answer"),
        ("PermissionDeniedError hunter2", StoreRefused, "refuses the credentials (denied)"),
        (
            "GET http://169.254.169.254/latest/api/token: hunter2 timed out",
            StoreUnusable,
            "no credentials are set",
        ),
    ],
)
def test_each_answer_is_told_in_our_words_alone(text: str, kind: type, said: str):
    error = refusal("s3://b/x", "be written", text)
    assert type(error) is kind
    assert said in error.message
    assert error.hint
    assert "hunter2" not in error.message + error.hint
    assert "amazonaws" not in error.message + error.hint
