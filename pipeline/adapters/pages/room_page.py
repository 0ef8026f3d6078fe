"""``outputs/ALBUM/index.html``: the listening room."""

from __future__ import annotations

from functools import lru_cache

from pipeline.adapters.pages.writing import Page, page_bytes
from pipeline.core.room.view import Room

PAGE = Page(
    template="room/page.html",
    styles=("room/room.css",),
    scripts=(
        "room/words.js",
        "room/wave.js",
        "room/deck.js",
        "room/picks.js",
        "room/songs.js",
        "room/room.js",
        "room/acts.js",
    ),
)


@lru_cache(maxsize=4)  # a run asks twice: before, for what would change, and to write it
def room_page(room: Room) -> bytes:
    """The page as it is written."""
    return page_bytes(PAGE, room=room)
