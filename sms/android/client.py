"""The gateway's API: in the phone itself, at the maker's, or on a server of one's own. They speak alike."""

from __future__ import annotations

from core.messaging.http import ProviderClient
from sms.android.config import AndroidConfig


def opened(config: AndroidConfig, timeout: float) -> ProviderClient:
    """Requests under the account. Its connections belong to the event loop of the first call."""
    return ProviderClient(config.api_url, timeout, auth=(config.user, config.password))
