"""The use case of ``songmake render``, step by step."""
