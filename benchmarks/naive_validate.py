"""What a manifest's errors and their places cost without songmake: PyYAML's nodes and jsonschema.

``python naive_validate.py SCHEMA MANIFEST`` prints ``file:line:column: message`` for each error.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator


def main() -> int:
    """1 if there are errors."""
    schema, manifest = map(Path, sys.argv[1:])
    validator = Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
    loader = yaml.CSafeLoader(manifest.read_text(encoding="utf-8"))
    root = loader.get_single_node()
    errors = list(validator.iter_errors(loader.construct_document(root)))
    for error in errors:
        mark = _node(root, error.absolute_path).start_mark
        sys.stdout.write(f"{manifest}:{mark.line + 1}:{mark.column + 1}: {error.message}\n")
    return int(bool(errors))


def _node(node: Any, path: Iterable[str | int]) -> Any:
    for step in path:
        if isinstance(step, int):
            node = node.value[step]
        else:
            node = next(value for key, value in node.value if key.value == step)
    return node


if __name__ == "__main__":
    sys.exit(main())
