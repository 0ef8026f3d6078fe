"""Every error that a user can meet, with its exit code. Nothing else may end a command."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's end means; the first that applies, in the order of :data:`PRECEDENCE`."""

    OK = 0  # every selected take is there; nothing is left to do
    FAILED = 1  # a song failed, was rejected or lost; account refused; disk full; a bug
    USAGE = 2  # manifest or usage error, consent or key missing; nothing was sent
    IN_DOUBT = 3  # finished, but the answer to a paid request was lost
    LOCKED = 4  # another run holds the lock; nothing was sent, nothing written
    BUDGET = 5  # the budget stopped buying
    UNFINISHED = 6  # healthy: run again, free
    DAMAGED = 7  # journal or store damaged, or purchases that the journal does not know
    DIFFERS = 10  # plan --check, render --frozen, verify: something differs or is not published
    INTERRUPTED = 130  # SIGINT; state is safe
    TERMINATED = 143  # SIGTERM; state is safe


PRECEDENCE: tuple[ExitCode, ...] = (
    ExitCode.USAGE,
    ExitCode.LOCKED,
    ExitCode.DAMAGED,
    ExitCode.INTERRUPTED,
    ExitCode.TERMINATED,
    ExitCode.IN_DOUBT,
    ExitCode.FAILED,
    ExitCode.BUDGET,
    ExitCode.UNFINISHED,
    ExitCode.DIFFERS,
    ExitCode.OK,
)

# a frozen rebuild says first what it could not give
FROZEN_PRECEDENCE: tuple[ExitCode, ...] = (
    ExitCode.USAGE,
    ExitCode.LOCKED,
    ExitCode.DAMAGED,
    ExitCode.DIFFERS,
    *(code for code in PRECEDENCE[3:] if code is not ExitCode.DIFFERS),
)


class SongmakeError(Exception):
    """An error with a message for the user, what to type next, and the command's exit code."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(SongmakeError):
    """The command's words are off; nothing was sent."""

    exit_code = ExitCode.USAGE


class ManifestError(SongmakeError):
    """A manifest does not hold; the findings were printed one by one."""

    exit_code = ExitCode.USAGE


class ManifestChanged(SongmakeError):
    """A manifest's file is not what was read, or must not be written; it was left as it is."""

    exit_code = ExitCode.USAGE


class ConsentMissing(SongmakeError):
    """Money would be spent and nobody agreed to it."""

    exit_code = ExitCode.USAGE


class KeyMissing(SongmakeError):
    """A request must be sent and no API key is set."""

    exit_code = ExitCode.USAGE


class OriginMismatch(SongmakeError):
    """The journal's takes come from the other side of the loopback border."""

    exit_code = ExitCode.USAGE


class ExtraMissing(SongmakeError):
    """An optional part of songmake is not installed."""

    exit_code = ExitCode.USAGE


class RunLocked(SongmakeError):
    """Another run holds the lock."""

    exit_code = ExitCode.LOCKED


class JournalDamaged(SongmakeError):
    """The journal cannot be read or is newer than this songmake."""

    exit_code = ExitCode.DAMAGED


class UnknownPurchases(SongmakeError):
    """A cost report or a lock knows paid takes that the journal does not know."""

    exit_code = ExitCode.DAMAGED


class LockDamaged(SongmakeError):
    """A lock file cannot be trusted, or changed while a run was at work."""

    exit_code = ExitCode.DAMAGED


class StorageFull(SongmakeError):
    """The disk is full or not writable."""

    exit_code = ExitCode.FAILED


class StoreUnusable(SongmakeError):
    """The store's address is off, or there is no such folder or bucket; nothing was sent."""

    exit_code = ExitCode.USAGE


class StoreRefused(SongmakeError):
    """The store's service does not accept the credentials, or what they may do is not enough."""

    exit_code = ExitCode.FAILED


class StoreUnreachable(SongmakeError):
    """The store cannot be reached now, or does not keep what it is given: run again, free."""

    exit_code = ExitCode.UNFINISHED


class StoreEmptied(SongmakeError):
    """The journal knows stored audio, and the store that was named holds nothing at all."""

    exit_code = ExitCode.DAMAGED


class BlobDamaged(SongmakeError):
    """The store's bytes are not the ones that were stored; ``message`` names the blob."""

    exit_code = ExitCode.DAMAGED


class SketchUnavailable(SongmakeError):
    """The embedded engine did not start."""

    exit_code = ExitCode.FAILED
