"""What a channel is, and the outbox."""
