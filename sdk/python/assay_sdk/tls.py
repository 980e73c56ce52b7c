"""Certificates for `tls+tcp://` (see `assay keys tls`)."""

import dataclasses
from urllib.parse import urlsplit

import pynng


@dataclasses.dataclass(frozen=True)
class TLSFiles:
    """Authorities that are believed, and our certificate with its private key; both PEM."""

    authorities: str
    certificate: str

    def _config(self, mode, auth_mode, name=None):
        with open(self.authorities, encoding="ascii") as file:
            authorities = file.read()
        with open(self.certificate, encoding="ascii") as file:
            certificate = file.read()
        return pynng.TLSConfig(
            mode, auth_mode=auth_mode, server_name=name, ca_string=authorities, own_key_string=certificate,
            own_cert_string=certificate)

    def client(self, address: str):
        return self._config(
            pynng.TLSConfig.MODE_CLIENT, pynng.TLSConfig.AUTH_MODE_REQUIRED, urlsplit(address).hostname)

    def server(self):
        return self._config(pynng.TLSConfig.MODE_SERVER, pynng.TLSConfig.AUTH_MODE_REQUIRED)
