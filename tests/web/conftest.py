"""The kitchen's application, in process; the demonstration college's, on a socket of this machine."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import FastAPI

from qualitrace import demonstration
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.web import create_app
from tests.graphql.kitchens import Kitchen


@pytest.fixture(scope="session")
def kitchen() -> Kitchen:
    return Kitchen()


@pytest.fixture(scope="session")
def app(kitchen: Kitchen) -> FastAPI:
    return create_app(kitchen)


@pytest.fixture(scope="session")
def college(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    location = tmp_path_factory.mktemp("college") / "demo.db"
    registry = demonstration.build(load_profile(), location)
    yield registry
    registry.close()


@pytest.fixture(scope="session")
def address(college: Registry) -> Iterator[str]:
    """The address of a running server."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(college), log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate for this machine and its key, made by OpenSSL."""
    folder = tmp_path_factory.mktemp("tls")
    paths = str(folder / "cert.pem"), str(folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-out", paths[0], "-keyout", paths[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return paths
