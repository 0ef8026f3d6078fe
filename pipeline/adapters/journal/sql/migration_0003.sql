-- Lock files: where each album's lies, relative to the state folder, and which purchases of other
-- albums it tells of, for good.

CREATE TABLE locks (
    album TEXT PRIMARY KEY,
    path TEXT NOT NULL
) STRICT;

CREATE TABLE lock_shares (
    album TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (album, digest)
) STRICT;
