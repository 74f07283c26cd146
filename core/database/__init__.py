"""Tables, engines, and statements over batches."""
