"""Why a start fails.

StartError
├── SettingsError        a variable is wrong or missing
├── EmbeddedError        our own PostgreSQL cannot run
├── DatabaseUnreachable  the given one does not answer
├── OtherInstallation    the database belongs to a demo, and we are none, or the reverse
├── BackupError          a backup cannot be made, read or restored
├── SpoolError           this host's spool cannot be used
└── PortTaken            somebody else listens there
"""


class StartError(Exception):
    """We cannot start. The message is what the operator reads: one line a problem, what to do, no secret."""


class DatabaseUnreachable(StartError):
    """No connection to DATABASE_URL."""


class OtherInstallation(StartError):
    """A demo and a real installation never share a database."""


class PortTaken(StartError):
    """PORT is in use."""


class BackupError(StartError):
    """A backup is damaged or not ours, the database holds something, or PostgreSQL's programs are missing or failed."""


class SpoolError(StartError):
    """What came while the database is away could not be kept."""
