-- name: create_identity
INSERT OR IGNORE INTO identity (only_row, journal_id, created_at) VALUES (1, :journal_id, :at);

-- name: journal_id
SELECT journal_id FROM identity;

-- name: all_attempts
SELECT * FROM attempts ORDER BY seq;

-- name: attempt
SELECT * FROM attempts WHERE client_request_id = :client_request_id;

-- name: known_ids
SELECT DISTINCT client_request_id FROM transitions;

-- name: attempts_of_digest
SELECT * FROM attempts WHERE digest = :digest ORDER BY seq;

-- name: committed
SELECT coalesce(sum(coalesce(booked_microusd, reserved_microusd)), 0) AS microusd
FROM attempts
WHERE album = :album
  AND state IN ('intent', 'submitted', 'ready', 'stored', 'published', 'in_doubt', 'lost');

-- name: supersede
UPDATE attempts SET superseded_at = :at
WHERE client_request_id = :client_request_id AND superseded_at IS NULL
  AND state IN ('stored', 'published', 'failed', 'rejected', 'lost');

-- name: supersede_by_adoption
UPDATE attempts SET superseded_at = :at
WHERE client_request_id = :client_request_id AND superseded_at IS NULL
  AND state IN ('planned', 'stored', 'published', 'failed', 'rejected', 'lost');

-- name: planned_attempt
SELECT client_request_id FROM attempts
WHERE digest = :digest AND number = :number AND state = 'planned' AND superseded_at IS NULL
ORDER BY seq DESC LIMIT 1;

-- name: insert_intent
INSERT INTO attempts (
    client_request_id, digest, digest_version, number, album, song, take, title, provider, origin,
    model, state, identity_json, body_json, reserved_microusd, intent_at)
VALUES (
    :client_request_id, :digest, :digest_version, :number, :album, :song, :take, :title, :provider,
    :origin, :model, 'intent', :identity_json, :body_json, :reserved_microusd, :at);

-- name: renew_intent
UPDATE attempts SET
    client_request_id = :client_request_id, album = :album, song = :song, take = :take,
    title = :title, origin = :origin, state = 'intent', identity_json = :identity_json,
    body_json = :body_json, reserved_microusd = :reserved_microusd, booked_microusd = NULL,
    credits = NULL, cost_source = NULL, intent_at = :at, submitted_at = NULL, completed_at = NULL,
    generation_id = NULL, error = NULL
WHERE client_request_id = :planned_id AND state = 'planned';

-- name: insert_known
INSERT INTO attempts (
    client_request_id, digest, digest_version, number, album, song, take, title, provider, origin,
    model, state, identity_json, body_json, reserved_microusd, booked_microusd, credits,
    cost_source, intent_at, submitted_at, completed_at, generation_id, audio_checksum, audio_bytes,
    audio_milliseconds, audio_format, audio_sample_rate_hz, audio_channels, error, superseded_at)
VALUES (
    :client_request_id, :digest, :digest_version, :number, :album, :song, :take, :title, :provider,
    :origin, :model, :state, :identity_json, :body_json, :reserved_microusd, :booked_microusd,
    :credits, :cost_source, :intent_at, :submitted_at, :completed_at, :generation_id,
    :audio_checksum, :audio_bytes, :audio_milliseconds, :audio_format, :audio_sample_rate_hz,
    :audio_channels, :error, :superseded_at);

-- name: adopt
UPDATE attempts SET state = :state, generation_id = :generation_id,
    booked_microusd = :booked_microusd, credits = :credits, cost_source = :cost_source,
    submitted_at = :submitted_at, completed_at = :completed_at, audio_checksum = :audio_checksum,
    audio_bytes = :audio_bytes, audio_milliseconds = :audio_milliseconds,
    audio_format = :audio_format, audio_sample_rate_hz = :audio_sample_rate_hz,
    audio_channels = :audio_channels, error = :error, superseded_at = :superseded_at
WHERE client_request_id = :client_request_id;

-- name: lock_paths
SELECT album, path FROM locks ORDER BY album;

-- name: put_lock_path
INSERT INTO locks (album, path) VALUES (:album, :path)
ON CONFLICT (album) DO UPDATE SET path = excluded.path;

-- name: lock_shares
SELECT album, digest FROM lock_shares;

-- name: put_lock_share
INSERT INTO lock_shares (album, digest) VALUES (:album, :digest)
ON CONFLICT (album, digest) DO NOTHING;

-- name: insert_transition
INSERT INTO transitions (client_request_id, at, state_before, state_after, note)
VALUES (:client_request_id, :at, :state_before, :state_after, :note);

-- name: insert_move
INSERT INTO transitions (client_request_id, at, state_before, state_after, note)
SELECT client_request_id, :at, state, :state_after,
    CASE WHEN generation_id <> coalesce(:generation_after, generation_id)
        THEN trim(coalesce(:note, '') || ' (generation ' || generation_id || ')')
        ELSE :note END
FROM attempts WHERE client_request_id = :client_request_id;

-- name: set_state
UPDATE attempts SET state = :state, error = :error
WHERE client_request_id = :client_request_id;

-- name: set_planned
UPDATE attempts SET state = 'planned', error = :error, generation_id = NULL,
    booked_microusd = NULL, credits = NULL, cost_source = NULL, submitted_at = NULL,
    completed_at = NULL, audio_checksum = NULL, audio_bytes = NULL, audio_milliseconds = NULL,
    audio_format = NULL, audio_sample_rate_hz = NULL, audio_channels = NULL
WHERE client_request_id = :client_request_id;

-- name: set_submitted
UPDATE attempts SET state = 'submitted', generation_id = :generation_id,
    booked_microusd = :booked_microusd, credits = :credits, cost_source = :cost_source,
    submitted_at = :at, error = NULL
WHERE client_request_id = :client_request_id AND state IN ('intent', 'in_doubt');

-- name: set_generation
UPDATE attempts SET state = 'submitted', generation_id = :generation_id,
    cost_source = coalesce(cost_source, 'estimated'),
    submitted_at = coalesce(submitted_at, :at), error = NULL
WHERE client_request_id = :client_request_id
  AND state IN ('intent', 'in_doubt', 'submitted', 'ready', 'lost');

-- name: set_found
UPDATE attempts SET state = 'submitted', generation_id = :generation_id,
    booked_microusd = :booked_microusd, credits = :credits, cost_source = :cost_source,
    submitted_at = coalesce(submitted_at, :at), error = NULL
WHERE client_request_id = :client_request_id AND superseded_at IS NULL
  AND state IN ('intent', 'in_doubt', 'planned', 'rejected');

-- name: set_cost
UPDATE attempts SET booked_microusd = :booked_microusd, credits = :credits,
    cost_source = :cost_source
WHERE client_request_id = :client_request_id
  AND state IN ('submitted', 'ready', 'stored', 'published', 'lost');

-- name: set_ready
UPDATE attempts SET state = 'ready', completed_at = coalesce(completed_at, :at), error = NULL
WHERE client_request_id = :client_request_id
  AND (state = 'submitted' OR state = 'stored' OR state = 'published');

-- name: set_stored
UPDATE attempts SET state = 'stored', audio_checksum = :checksum, audio_bytes = :size_bytes,
    audio_milliseconds = :milliseconds, audio_format = :format,
    audio_sample_rate_hz = :sample_rate_hz, audio_channels = :channels, error = NULL
WHERE client_request_id = :client_request_id;

-- name: latest_moments
SELECT client_request_id, max(at) AS at FROM transitions GROUP BY client_request_id;

-- name: all_publications
SELECT * FROM publications ORDER BY outputs, path;

-- name: generation_user
SELECT client_request_id FROM attempts
WHERE provider = :provider AND generation_id = :generation_id;

-- name: public_and_loopback
SELECT DISTINCT origin FROM attempts
WHERE provider = 'aimlapi' AND state NOT IN ('planned', 'rejected');

-- name: publications
SELECT * FROM publications WHERE outputs = :outputs ORDER BY path;

-- name: publication
SELECT * FROM publications WHERE outputs = :outputs AND path = :path;

-- name: put_publication
INSERT INTO publications (outputs, path, album, song, take, provider, digest, recipe, checksum,
    size_bytes, mtime_ns)
VALUES (:outputs, :path, :album, :song, :take, :provider, :digest, :recipe, :checksum,
    :size_bytes, :mtime_ns)
ON CONFLICT (outputs, path) DO UPDATE SET album = excluded.album, song = excluded.song,
    take = excluded.take, provider = excluded.provider, digest = excluded.digest,
    recipe = excluded.recipe, checksum = excluded.checksum, size_bytes = excluded.size_bytes,
    mtime_ns = excluded.mtime_ns;

-- name: drop_publication
DELETE FROM publications WHERE outputs = :outputs AND path = :path;

-- name: published_digests
SELECT DISTINCT digest FROM publications WHERE mtime_ns IS NOT NULL;

-- name: has_handover_files
SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'handover_files';

-- name: handover_files
SELECT * FROM handover_files WHERE outputs = :outputs ORDER BY path;

-- name: put_handover_file
INSERT INTO handover_files (outputs, path, album, checksum, size_bytes, mtime_ns)
VALUES (:outputs, :path, :album, :checksum, :size_bytes, :mtime_ns)
ON CONFLICT (outputs, path) DO UPDATE SET album = excluded.album, checksum = excluded.checksum,
    size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns;

-- name: drop_handover_file
DELETE FROM handover_files WHERE outputs = :outputs AND path = :path;

-- name: has_measurements
SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'measurements';

-- name: measurements
SELECT checksum, document_json FROM measurements ORDER BY checksum;

-- name: measurement
SELECT document_json FROM measurements WHERE checksum = :checksum;

-- name: put_measurement
INSERT INTO measurements (checksum, version, document_json)
VALUES (:checksum, :version, :document_json)
ON CONFLICT (checksum) DO UPDATE
SET version = excluded.version, document_json = excluded.document_json;

-- name: attempts_with_audio
SELECT client_request_id FROM attempts WHERE audio_checksum = :checksum;

-- name: has_known_albums
SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'known_albums';

-- name: known_albums
SELECT album, document_json FROM known_albums ORDER BY album;

-- name: put_known_album
INSERT INTO known_albums (album, document_json) VALUES (:album, :document_json)
ON CONFLICT (album) DO UPDATE SET document_json = excluded.document_json;
