"""Runs ``argv[1:]`` and prints what it took as JSON; started with ``-I -S``, to be small.

The command's standard output is dropped; its standard error is the launcher's.
"""

import os
import sys
import time

_null = os.open(os.devnull, os.O_WRONLY)
_begun_s = time.monotonic()
_pid = os.posix_spawnp(
    sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, _null, 1)]
)
_, _status, _taken = os.wait4(_pid, 0)
_wall_s = time.monotonic() - _begun_s
sys.stdout.write(
    f'{{"exit": {os.waitstatus_to_exitcode(_status)}, "cpu_s": {_taken.ru_utime + _taken.ru_stime},'
    f' "wall_s": {_wall_s}, "peak_bytes": {_taken.ru_maxrss * 1024}}}'
)
