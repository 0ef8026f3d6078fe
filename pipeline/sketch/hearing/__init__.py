"""What a prompt's words say, one subject a module: each finds, none decides what is played."""
