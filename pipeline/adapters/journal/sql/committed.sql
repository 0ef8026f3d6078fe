-- What each album has committed, of this connection alone (the run lock lets only one write) and in
-- the same transactions as the attempts: an intent is checked against a budget without adding up
-- all that was bought before.

CREATE TEMP TABLE committed (
    album TEXT PRIMARY KEY,
    microusd INTEGER NOT NULL
) STRICT;

INSERT INTO committed (album, microusd)
SELECT album, sum(coalesce(booked_microusd, reserved_microusd)) FROM attempts
WHERE state IN ('intent', 'submitted', 'ready', 'stored', 'published', 'in_doubt', 'lost')
GROUP BY album;

CREATE TEMP TRIGGER committed_by_new AFTER INSERT ON main.attempts
WHEN new.state IN ('intent', 'submitted', 'ready', 'stored', 'published', 'in_doubt', 'lost')
BEGIN
    INSERT INTO committed (album, microusd)
    VALUES (new.album, coalesce(new.booked_microusd, new.reserved_microusd))
    ON CONFLICT (album) DO UPDATE SET microusd = microusd + excluded.microusd;
END;

CREATE TEMP TRIGGER committed_by_change
AFTER UPDATE OF album, state, booked_microusd, reserved_microusd ON main.attempts
BEGIN
    UPDATE committed SET microusd = microusd - coalesce(old.booked_microusd, old.reserved_microusd)
    WHERE album = old.album
      AND old.state IN ('intent', 'submitted', 'ready', 'stored', 'published', 'in_doubt', 'lost');
    INSERT INTO committed (album, microusd)
    SELECT new.album, coalesce(new.booked_microusd, new.reserved_microusd)
    WHERE new.state IN ('intent', 'submitted', 'ready', 'stored', 'published', 'in_doubt', 'lost')
    ON CONFLICT (album) DO UPDATE SET microusd = microusd + excluded.microusd;
END;
