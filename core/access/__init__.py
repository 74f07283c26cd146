"""Staff, sign-in and what each may see."""
