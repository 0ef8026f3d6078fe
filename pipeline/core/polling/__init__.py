"""When a generation is asked after: what is learned of how long they take, and what follows."""
