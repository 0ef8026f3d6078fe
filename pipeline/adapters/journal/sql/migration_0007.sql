-- Every write of an attempt passes its checks and indexes, and a list after IN is a table that SQLite
-- builds each time: the same conditions as comparisons take half the time of the write. Nothing else
-- of the table changes. Whose audio was measured is looked up for every measurement: in an index.

CREATE TABLE attempts_now (
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
    state TEXT NOT NULL CHECK (
        state = 'published' OR state = 'stored' OR state = 'ready' OR state = 'submitted'
        OR state = 'intent' OR state = 'planned' OR state = 'failed' OR state = 'rejected'
        OR state = 'in_doubt' OR state = 'lost'),
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
    CHECK (generation_id IS NOT NULL OR (
        state <> 'submitted' AND state <> 'ready' AND state <> 'stored' AND state <> 'published')),
    CHECK (audio_checksum IS NOT NULL OR (state <> 'stored' AND state <> 'published'))
) STRICT;

INSERT INTO attempts_now SELECT * FROM attempts;
DROP TABLE attempts;
ALTER TABLE attempts_now RENAME TO attempts;

-- A second live purchase of one digest is impossible here, whatever the program does.
CREATE UNIQUE INDEX one_live_attempt ON attempts (digest)
    WHERE superseded_at IS NULL
    AND state <> 'planned' AND state <> 'failed' AND state <> 'rejected';

CREATE UNIQUE INDEX one_use_of_a_generation ON attempts (provider, generation_id)
    WHERE generation_id IS NOT NULL;

CREATE INDEX attempts_by_album ON attempts (album, state, booked_microusd, reserved_microusd);
CREATE INDEX attempts_by_digest ON attempts (digest, number);
CREATE INDEX attempts_by_audio ON attempts (audio_checksum) WHERE audio_checksum IS NOT NULL;

CREATE TRIGGER attempts_stay BEFORE DELETE ON attempts
BEGIN SELECT RAISE(ABORT, 'the journal keeps every attempt'); END;
