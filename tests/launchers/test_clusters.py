"""Where a cluster listens, what its workers see of the machine, and who may connect to it."""

import json
import multiprocessing
import os
import re
import socket
import ssl
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import dask
import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from distributed import LocalCluster
from distributed.security import Security

from cluster_work import units
from dask_parts import LOOPBACK, at, ended, in_this_process, worker
from mnistm_da.cores import usable
from mnistm_da.errors import UserError
from mnistm_da.launchers import clusters, local, on_dask
from mnistm_da.launchers.on_dask import launch
from mnistm_da.parameters import LauncherParams


def test_a_cluster_of_this_machine_listens_on_loopback_and_shares_the_cores(work, serial, monkeypatch):
    told = []
    monkeypatch.setattr(clusters.logger, "info", lambda text, *args: told.append(text % args))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before, others = {socket.laddr for socket in listening()}, set(multiprocessing.active_children())
    of = units("environment", "environment", "plain")
    running = launch(of, work, LauncherParams(name="dask", workers=2))
    next(running)
    opened = {socket.laddr for socket in listening()} - before
    assert len(opened) >= 4  # scheduler, dashboard, and both workers
    assert {address.ip for address in opened} == {LOOPBACK}
    [port] = re.findall(rf"workers: 2, .* dashboard: http://{LOOPBACK}:(\d+)/status", "\n".join(told))
    assert int(port) in {address.port for address in opened}
    assert len(list(running)) == len(of) - 1
    assert {note for note in work.notes() if note.startswith("OMP")} == {
        f"OMP_NUM_THREADS={max(1, usable() // 2)} CUDA_VISIBLE_DEVICES=None"
    }
    assert work.records() == serial(of)
    assert set(multiprocessing.active_children()) == others
    assert "OMP_NUM_THREADS" not in os.environ


@pytest.mark.parametrize(("asked", "of_each"), [({}, 1), ({"workers": 4}, 2), ({"workers": 9}, 1), ({"threads": 3}, 3)])
def test_the_cores_are_shared_by_the_workers(monkeypatch, asked, of_each):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    for module in (clusters, local):
        monkeypatch.setattr(module, "usable", lambda: 8)
    assert clusters.threads(LauncherParams(name="dask", **asked)) == of_each


@pytest.mark.parametrize(("said", "of_each"), [("5", 5), ("5,2", 5), ("0", 4), ("", 4), ("many", 4)])
def test_the_variable_for_threads_is_read_as_everywhere_else(monkeypatch, said, of_each):
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    for module in (clusters, local):
        monkeypatch.setattr(module, "usable", lambda: 8)
    assert clusters.threads(LauncherParams(name="dask", workers=2)) == of_each


def test_workers_that_may_differ_in_threads_are_told_of_once(work, monkeypatch):
    """Each computes with what its environment says, however many there are."""
    told = []
    monkeypatch.setattr(clusters.logger, "warning", lambda text, *args: told.append(text % args))
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    of = units("environment")
    with in_this_process({"GPU": 1}) as cluster:
        for more in ({"resources": {"GPU": 1.0}}, {}, {}, {"threads": 3}):
            assert len(list(launch(of, work, at(cluster, **more)))) == len(of)
            work.path("records", of[0], ".json").unlink()
        [once] = told
        assert f"launcher.threads is not named, so each worker of {cluster.scheduler_address} computes" in once
    seen = [note.split()[0] for note in work.notes() if note.startswith("OMP")]
    assert list(dict.fromkeys(seen)) == ["OMP_NUM_THREADS=2", "OMP_NUM_THREADS=3"]


def test_workers_that_are_started_as_the_page_says_leave_malloc_alone():
    """Dask adds its defaults to this variable, but for those that it names."""
    page = (Path(__file__).parents[2] / "docs/cluster.md").read_text()
    variable = "DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON"
    values = re.findall(rf'{variable}\W+(\{{.*?\}})"', page)
    assert len(values) == page.count(variable)
    [value] = set(values)
    asks = "import dask, distributed, json; print(json.dumps(dask.config.get('distributed.nanny.pre-spawn-environ')))"
    found = subprocess.check_output([sys.executable, "-c", asks], env=os.environ | {variable: value}, text=True)
    set_there = json.loads(found)
    assert (set_there["MALLOC_TRIM_THRESHOLD_"], set_there["OMP_NUM_THREADS"]) == (None, 1)


def listening():
    me = psutil.Process()
    every = [one for process in (me, *me.children(recursive=True)) for one in process.net_connections()]
    return [one for one in every if one.status == psutil.CONN_LISTEN]


def test_a_unit_of_a_gpu_goes_where_one_is_and_sees_no_other(work, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,1")  # as dask-cuda does: a worker's own comes first
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    of = units("environment", "environment")
    with in_this_process({}, {"GPU": 1}) as cluster:
        assert len(list(launch(of, work, at(cluster, resources={"GPU": 1.0}, threads=3)))) == len(of)
        without, having = cluster.workers.values()
        assert (without.state.executed_count, having.state.executed_count) == (0, len(of))
    assert {note for note in work.notes() if note.startswith("OMP")} == {"OMP_NUM_THREADS=3 CUDA_VISIBLE_DEVICES=3"}


def test_what_no_worker_offers_is_told_and_waited_for(work, monkeypatch):
    told, started = [], []
    of = units("environment")
    with in_this_process({"GPU": 1}) as cluster, ExitStack() as stack:

        def warn(text, *values):
            told.append(text % values)
            offers = worker(cluster.scheduler_address, "--resources=GPU=2 disk=1")
            started.append(stack.enter_context(ended(offers)))

        monkeypatch.setattr(on_dask.logger, "warning", warn)
        asked = {"GPU": 2.0, "disk": 1.0}
        assert len(list(launch(of, work, at(cluster, resources=asked, threads=1)))) == len(of)
    [once] = told
    assert once == "no worker offers GPU=2 disk=1 yet: units wait for one (dask worker --resources 'GPU=2 disk=1')"
    assert len(started) == 1


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Give files of two authorities, and of a certificate that each signed, by the names of `LauncherParams`."""
    return [signed(tmp_path_factory.mktemp(name)) for name in ("ours", "others")]


def usage(is_authority):
    """Say what a certificate's key is for: to sign others, or to answer."""
    neither = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    signs = dict.fromkeys(("key_cert_sign", "crl_sign"), is_authority)
    others = dict.fromkeys((*neither, "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(digital_signature=not is_authority, **signs, **others)


def signed(folder):
    day, now = timedelta(days=1), datetime.now(UTC)
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("authority", "cluster")]

    def certificate(subject, public, is_authority):
        draft = x509.CertificateBuilder().subject_name(subject).issuer_name(names[0]).public_key(public)
        draft = draft.serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day)
        draft = draft.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        draft = draft.add_extension(usage(is_authority), critical=True)  # this and the next two: Python 3.13 insists
        draft = draft.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
        draft = draft.add_extension(issuer, critical=False)
        return draft.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    content = {
        "tls_ca": certificate(names[0], authority.public_key(), True),
        "tls_cert": certificate(names[1], key.public_key(), False),
        "tls_key": key.private_bytes(serialization.Encoding.PEM, *private),
    }
    for name, data in content.items():
        (folder / name).write_bytes(data)
    return {name: str(folder / name) for name in content}


def test_a_client_without_the_certificate_is_refused(work, certificates, monkeypatch):
    ours, others = certificates
    of = units("plain")
    roles = product(("scheduler", "worker", "client"), ("cert", "key"))
    roles = {f"tls_{role}_{what}": ours[f"tls_{what}"] for role, what in roles}
    security = Security(tls_ca_file=ours["tls_ca"], require_encryption=True, **roles)
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        in_this_process({}, security=security) as cluster,
    ):
        address = cluster.scheduler_address
        assert address.startswith("tls://")
        for wrong in ({}, others):
            for at_address in (address, address.replace("tls:", "tcp:")):
                with pytest.raises(UserError, match=r"cannot connect to t.*launcher\.tls_ca"):
                    list(launch(of, work, at(at_address, **wrong)))
        trusting = ssl.create_default_context(cafile=ours["tls_ca"])  # and shows no client certificate
        trusting.check_hostname = False
        trusting.verify_flags |= ssl.VERIFY_X509_STRICT  # as Python 3.13 has it
        port = int(address.rpartition(":")[2])
        with socket.create_connection((LOOPBACK, port)) as plain, pytest.raises(ssl.SSLError, match="CERTIFICATE_REQ"):
            trusting.wrap_socket(plain).recv(1)
        assert work.notes() == []
        assert len(list(launch(of, work, at(address, **ours)))) == 1


def test_a_cluster_of_this_machine_may_have_certificates_too(work, certificates, monkeypatch):
    of, ours = units("plain"), certificates[0]
    started = []
    monkeypatch.setattr(clusters, "LocalCluster", lambda **how: started.append(LocalCluster(**how)) or started[-1])
    running = launch(of, work, LauncherParams(name="dask", workers=1, **ours))
    assert next(running)[0] == of[0]
    assert started[0].scheduler_address.startswith("tls://")
    assert list(running) == []
