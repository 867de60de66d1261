"""Telling other systems what happens: signed messages to addresses they name (floor 5).

After the Standard Webhooks specification 1.0: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature``.
"""

from qualitrace.web.hooks.deliverer import Deliverer, deliver

__all__ = ["Deliverer", "deliver"]
