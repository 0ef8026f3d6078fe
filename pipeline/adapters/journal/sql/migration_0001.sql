-- The journal's first form. Times are ISO 8601 UTC text, money is integer micro-dollars.

CREATE TABLE identity (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    journal_id TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE attempts (
    seq INTEGER PRIMARY KEY,
    client_request_id TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    digest_version INTEGER NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    album TEXT NOT NULL,
    song TEXT NOT NULL,
    take INTEGER NOT NULL CHECK (take >= 1),
    title TEXT NOT NULL,
    provider TEXT NOT NULL,
    origin TEXT NOT NULL,
    model TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN (
        'planned', 'intent', 'submitted', 'ready', 'stored', 'published',
        'failed', 'rejected', 'in_doubt', 'lost')),
    identity_json TEXT NOT NULL,
    body_json TEXT NOT NULL,
    reserved_microusd INTEGER NOT NULL CHECK (reserved_microusd >= 0),
    booked_microusd INTEGER CHECK (booked_microusd >= 0),
    credits INTEGER,
    cost_source TEXT,
    intent_at TEXT NOT NULL,
    submitted_at TEXT,
    completed_at TEXT,
    generation_id TEXT,
    audio_checksum TEXT,
    audio_bytes INTEGER,
    audio_milliseconds INTEGER,
    audio_format TEXT,
    audio_sample_rate_hz INTEGER,
    audio_channels INTEGER,
    error TEXT,
    superseded_at TEXT,
    CHECK (state NOT IN ('submitted', 'ready', 'stored', 'published') OR generation_id IS NOT NULL),
    CHECK (state NOT IN ('stored', 'published') OR audio_checksum IS NOT NULL)
) STRICT;

-- A second live purchase of one digest is impossible here, whatever the program does.
CREATE UNIQUE INDEX one_live_attempt ON attempts (digest)
    WHERE superseded_at IS NULL
    AND state IN ('intent', 'submitted', 'ready', 'stored', 'published', 'in_doubt', 'lost');

CREATE UNIQUE INDEX one_use_of_a_generation ON attempts (provider, generation_id)
    WHERE generation_id IS NOT NULL;

CREATE INDEX attempts_by_album ON attempts (album, state);
CREATE INDEX attempts_by_digest ON attempts (digest, number);

-- Every change of state, in order, never changed afterwards.
CREATE TABLE transitions (
    seq INTEGER PRIMARY KEY,
    client_request_id TEXT NOT NULL,
    at TEXT NOT NULL,
    state_before TEXT,
    state_after TEXT NOT NULL,
    note TEXT
) STRICT;

CREATE TRIGGER attempts_stay BEFORE DELETE ON attempts
BEGIN SELECT RAISE(ABORT, 'the journal keeps every attempt'); END;

CREATE TRIGGER transitions_stay BEFORE DELETE ON transitions
BEGIN SELECT RAISE(ABORT, 'the journal keeps every transition'); END;

CREATE TRIGGER transitions_hold BEFORE UPDATE ON transitions
BEGIN SELECT RAISE(ABORT, 'the journal keeps every transition'); END;

-- Files in outputs/ that songmake wrote: the only ones it may replace or remove.
CREATE TABLE publications (
    outputs TEXT NOT NULL,
    path TEXT NOT NULL,
    album TEXT NOT NULL,
    song TEXT NOT NULL,
    take INTEGER NOT NULL,
    provider TEXT NOT NULL,
    digest TEXT NOT NULL,
    recipe TEXT NOT NULL,
    checksum TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER,
    PRIMARY KEY (outputs, path)
) STRICT;
