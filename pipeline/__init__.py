"""songmake: make for albums of generated music."""
