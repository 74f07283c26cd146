"""Who is to be reminded when."""
