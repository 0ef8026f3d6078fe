-- What the manifest of an album said last: the overview speaks of albums that a command does not name.

CREATE TABLE known_albums (
    album TEXT PRIMARY KEY,
    document_json TEXT NOT NULL
) STRICT;
