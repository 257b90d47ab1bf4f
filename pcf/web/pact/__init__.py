"""The PACT service, version 3: tokens, published footprints, events."""

from pcf.web.pact.service import PactService, Settings, create_api

__all__ = ["PactService", "Settings", "create_api"]
