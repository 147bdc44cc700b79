"""What every test may rely on: no network, no screen, nothing written into the clone."""

from __future__ import annotations

import ipaddress
import socket

import matplotlib as mpl
import pytest

mpl.use("agg")

_connect = socket.socket.connect


def _loopback_only(self, address):
    """Connect to this machine, refuse everything else."""
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = address[0]
        try:
            local = ipaddress.ip_address(host).is_loopback
        except ValueError:
            local = host == "localhost"
        if not local:
            raise AssertionError(f"a test wanted the network: {address}")
    return _connect(self, address)


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", _loopback_only)


@pytest.fixture(autouse=True)
def _figures_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("CARAML_FIGURES", str(tmp_path / "figures"))


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.fixture
def run_cli(capsys):
    """Run ``caraml`` in this process; give exit code, standard output and standard error."""

    def run(*arguments):
        from caraml_analysis.cli import main

        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = stop.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
