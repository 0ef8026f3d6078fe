"""A small HTTP/1.1 transport under httpx's API: GET and HEAD, connections kept, no proxy.

httpx's own pool walks every connection and every queued request each time that one begins or ends.
"""

from pipeline.adapters.aimlapi.wire.transport import Wire, transport_of

__all__ = ["Wire", "transport_of"]
