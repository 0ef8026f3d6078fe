import pytest

from pipeline.cli.session import store_location
from pipeline.core.store.location import StoreKind, parse_store
from pipeline.errors import ExitCode, StoreUnusable


@pytest.mark.parametrize(
    ("text", "kind", "place", "prefix", "shown"),
    [
        ("store", StoreKind.FOLDER, "store", "", "store"),
        ("../nas/album store", StoreKind.FOLDER, "../nas/album store", "", "../nas/album store"),
        ("file:///mnt/nas/my%20songs", StoreKind.FOLDER, "/mnt/nas/my songs", "", None),
        ("file://localhost/mnt/nas", StoreKind.FOLDER, "/mnt/nas", "", "/mnt/nas"),
        ("s3://albums", StoreKind.S3, "albums", "", "s3://albums"),
        ("S3://albums/", StoreKind.S3, "albums", "", "s3://albums"),
        ("s3://albums/a/b=1/", StoreKind.S3, "albums", "a/b=1", "s3://albums/a/b=1"),
        ("gs://albums/a", StoreKind.GOOGLE, "albums", "a", "gs://albums/a"),
        ("az://albums/a", StoreKind.AZURE, "albums", "a", "az://albums/a"),
    ],
)
def test_an_address_is_read_and_shown(
    text: str, kind: StoreKind, place: str, prefix: str, shown: str | None
):
    location = parse_store(text)
    assert (location.kind, location.place, location.prefix) == (kind, place, prefix)
    assert location.shown == (shown or place)


@pytest.mark.parametrize(
    "text",
    [
        "s3://key:hunter2@albums/a",
        "s3://hunter2@albums/a",
        "s3://albums/a?X-Amz-Signature=hunter2",
        "s3://albums/a?",
        "s3://albums/a#hunter2",
        "file://key:hunter2@host/a",
        "https://key:hunter2@host/a",
    ],
)
def test_credentials_in_an_address_are_refused_and_not_repeated(text: str):
    with pytest.raises(StoreUnusable, match="only ever read from the environment") as caught:
        parse_store(text)
    assert caught.value.exit_code is ExitCode.USAGE
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "ftp://host/a", "http://host/a", "s3://", "s3:///a", "s3:albums/a", "s3://a b/c",
        "s3://albums/../other", "s3://albums/a//b", "s3://albums/ä", "file://host/a", "file:///",
        "s3://[albums",
    ],
)  # fmt: skip
def test_what_is_no_store_is_refused_with_the_forms_it_may_have(text: str):
    with pytest.raises(StoreUnusable) as caught:
        parse_store(text)
    assert "s3://bucket/prefix" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("variables", "endpoint"),
    [
        ({}, None),
        ({"AWS_ENDPOINT_URL": "https://r2.example/"}, "https://r2.example"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9000"}, "http://127.0.0.1:9000"),
        ({"AWS_ENDPOINT_URL": "http://localhost:9000"}, "http://localhost:9000"),
        ({"AWS_ENDPOINT_URL": "https://a", "AWS_ENDPOINT_URL_S3": "https://b"}, "https://b"),
        (
            {"AWS_ENDPOINT_URL": "http://minio.lan:9000", "AWS_ALLOW_HTTP": "true"},
            "http://minio.lan:9000",
        ),
    ],
)
def test_the_services_address_comes_from_the_environment(
    variables: dict[str, str], endpoint: str | None
):
    location = store_location("s3://albums/a", variables)
    assert location is not None
    assert location.endpoint == endpoint


@pytest.mark.parametrize(
    "url",
    [
        "http://minio.lan:9000", "ftp://host", "nonsense", "https://key:hunter2@host",
        "https://host/?token=hunter2",
    ],
)  # fmt: skip
def test_a_services_address_that_would_leak_is_refused(url: str):
    with pytest.raises(StoreUnusable, match="AWS_ENDPOINT_URL") as caught:
        store_location("s3://albums/a", {"AWS_ENDPOINT_URL": url})
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint}"


def test_without_a_store_or_for_a_folder_no_service_is_asked_about():
    assert store_location(None, {"AWS_ENDPOINT_URL": "nonsense"}) is None
    location = store_location("folder", {"AWS_ENDPOINT_URL": "nonsense"})
    assert location is not None
    assert location.kind is StoreKind.FOLDER
