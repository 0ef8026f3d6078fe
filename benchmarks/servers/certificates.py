"""A certificate authority for one run, by the system's openssl."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """``authority`` is what a client trusts; the others are the server's for 127.0.0.1."""

    authority: Path
    certificate: Path
    key: Path


def issue(folder: Path) -> Certificates:
    """Makes an authority and a server's certificate in ``folder``, good for two days."""
    named = {name: folder / f"{name}.pem" for name in ("authority", "certificate", "key")}
    authority_key, request, names = folder / "authority.key", folder / "server.csr", folder / "ext"
    names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n", encoding="utf-8")
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _openssl(
        "req", "-x509", *new_key, "-days", "2", "-subj", "/CN=songmake benchmark authority",
        "-keyout", authority_key, "-out", named["authority"],
    )  # fmt: skip
    _openssl("req", *new_key, "-subj", "/CN=127.0.0.1", "-keyout", named["key"], "-out", request)
    _openssl(
        "x509", "-req", "-in", request, "-CA", named["authority"], "-CAkey", authority_key,
        "-CAcreateserial", "-days", "2", "-extfile", names, "-out", named["certificate"],
    )  # fmt: skip
    return Certificates(**named)


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
