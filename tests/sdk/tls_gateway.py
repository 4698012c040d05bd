"""A server of the tests' own that listens twice: plainly, and with TLS."""

from __future__ import annotations

import ssl
from pathlib import Path

from scripts.test_services import free_port
from tests.contract.gateway import Gateway


class TlsGateway(Gateway):
    """A gateway with both listeners."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.tls_port = free_port()
        super().__init__(folder, TLS="1", TLS_PORT=str(self.tls_port), **settings)

    @property
    def tls_url(self) -> str:
        return f"https://127.0.0.1:{self.tls_port}"

    @property
    def certificate_path(self) -> Path:
        return self.process.folder / "local" / "tls" / "cert.pem"

    def trust(self) -> ssl.SSLContext:
        """What a client that was told of the certificate believes."""
        return ssl.create_default_context(cafile=self.certificate_path)
