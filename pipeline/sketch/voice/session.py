"""Inference sessions that give the same answer everywhere and keep no memory between runs."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

Tensors = dict[str, npt.NDArray[Any]]


class Session:
    """One graph, run on one thread."""

    def __init__(self, model: bytes) -> None:
        onnxruntime = import_module("onnxruntime")
        options = onnxruntime.SessionOptions()
        # More threads would add up in another order and take the other jobs' cores.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        # Arenas keep the longest line's buffers for ever: 150 MB.
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )

    def run(self, wanted: tuple[str, ...], given: Tensors) -> tuple[npt.NDArray[np.float32], ...]:
        """The named outputs, in that order."""
        return tuple(np.asarray(one) for one in self._session.run(list(wanted), given))
