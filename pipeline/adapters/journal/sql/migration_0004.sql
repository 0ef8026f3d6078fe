-- What was measured of a file's bytes; document_json is whole, whichever version measured it.

CREATE TABLE measurements (
    checksum TEXT PRIMARY KEY CHECK (length(checksum) = 64),
    version INTEGER NOT NULL CHECK (version >= 1),
    document_json TEXT NOT NULL
) STRICT;
