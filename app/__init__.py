"""Processes and wiring: settings, web, worker, clock, command line. Only app knows all the others."""
