"""One parser a kind of reply. Each returns Understood or Unclear, and never guesses."""
