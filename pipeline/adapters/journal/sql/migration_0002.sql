-- Files beside the tracks that songmake wrote: playlist, cue sheet, cover, lyric sheets and the like.

CREATE TABLE handover_files (
    outputs TEXT NOT NULL,
    path TEXT NOT NULL,
    album TEXT NOT NULL,
    checksum TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER,
    PRIMARY KEY (outputs, path)
) STRICT;
