-- What an album has committed is added up before every purchase: from here alone, not from rows that
-- hold whole songs.
CREATE INDEX IF NOT EXISTS money_by_album ON attempts (album, state, booked_microusd, reserved_microusd)
    WHERE state IN ('intent', 'submitted', 'ready', 'stored', 'published', 'in_doubt', 'lost');
