"""The domain. Imports neither Flask nor a provider's library."""
