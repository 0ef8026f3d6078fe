"""Whether a set-up is sound: what ``songmake doctor`` judges by."""
