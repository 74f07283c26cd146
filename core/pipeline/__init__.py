"""From a batch of inbound messages to rows in the database."""
