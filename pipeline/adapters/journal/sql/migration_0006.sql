-- An album's committed money is added up from the index alone, once for every intent.

DROP INDEX attempts_by_album;
CREATE INDEX attempts_by_album ON attempts (album, state, booked_microusd, reserved_microusd);
