"""The double that benchmarks buy from keeps the contract that songmake relies on."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from benchmarks.servers.serving import serving
from benchmarks.servers.wishes import Wishes

AUDIO = "/v2/generate/audio"


def test_the_benchmarks_double_sells_renders_and_serves_and_counts_it(tmp_path: Path):
    with (
        serving(tmp_path, Wishes(median_s=0.3, slots=1, audio_bytes=40_000)) as served,
        httpx.Client(base_url=served.api_url, trust_env=False) as client,
    ):
        sold = client.post(AUDIO, json={}, headers={"X-Client-Request-Id": "sm1"}).json()
        refused = client.post(AUDIO, json={})
        first = client.get(AUDIO, params={"generation_id": sold["id"]}).json()
        while (told := client.get(AUDIO, params={"generation_id": sold["id"]}).json())[
            "status"
        ] != "completed":
            time.sleep(0.02)
        link = told["audio_file"]["url"]
        whole = client.get(link).content
        rest = client.get(link, headers={"Range": "bytes=100-"})
        other = client.get(link.replace(sold["id"], "another")).content
        counts = served.counts()

    assert sold["meta"]["usage"]["usd_spent"] > 0
    assert refused.status_code == 429
    assert first["status"] == "generating"
    assert rest.status_code == 206
    assert rest.content == whole[100:]
    assert 30_000 < len(whole) < 50_000
    assert whole != other
    assert (counts.accepted, counts.throttled, counts.told, counts.files) == (1, 1, 1, 3)
    assert 0 <= counts.lag_s < 5
