"""The launcher on a real cluster of Dask: whatever happens to it, the records are those of a serial run."""

import multiprocessing
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import dask
import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from distributed import Client, LocalCluster, Scheduler, SpecCluster, Worker
from distributed.security import Security

from cluster_work import EPOCHS, ChainWork, executed, units, wait_for
from mnistm_da.cores import usable
from mnistm_da.errors import UserError
from mnistm_da.launchers import Failure, here
from mnistm_da.launchers.on_dask import launch
from mnistm_da.parameters import LauncherParams

LOOPBACK = "127.0.0.1"
TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture
def cluster(shared_cluster):
    """The cluster of all tests, when both workers are there again: or a unit may wait behind one that waits."""
    wait_for(lambda: len(shared_cluster.scheduler.running) == 2)
    return shared_cluster


@pytest.fixture(scope="module")
def shared_cluster():
    """Two workers with little memory, which are started again when they are killed."""
    with (
        dask.config.set({"distributed.nanny.pre-spawn-environ": {}, "distributed.scheduler.allowed-failures": 1}),
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host=LOOPBACK,
            dashboard_address=None,
            memory_limit="500MB",
            silence_logs="CRITICAL",
        ) as cluster,
    ):
        yield cluster


@pytest.fixture
def work(tmp_path):
    return ChainWork(str(tmp_path))


@pytest.fixture
def serial(tmp_path):
    """Give the records of the same units, run one after the other in this process."""

    def run(of):
        (tmp_path / "serial").mkdir()
        (tmp_path / "serial" / "mended").touch()
        (tmp_path / "serial" / "go").touch()
        work = ChainWork(str(tmp_path / "serial"))
        assert len(list(here(of, work, None))) == len(of)
        return work.records()

    return run


def at(cluster, **more):
    return LauncherParams(name="dask", scheduler=getattr(cluster, "scheduler_address", cluster), **more)


def command(*arguments, **env):
    """Start a part of Dask as a process, as one does on a cluster."""
    path = os.pathsep.join([*env.pop("path", []), str(TESTS), str(TESTS.parent / "src")])
    program = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
    return subprocess.Popen(program, env=os.environ | env | {"PYTHONPATH": path}, stderr=subprocess.DEVNULL)


@contextmanager
def ended(process):
    """End a process after the block, however that ends."""
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def worker(address, **env):
    options = ("--nthreads=1", "--no-nanny", "--no-dashboard", "--death-timeout=20")
    return command("worker", address, *options, **env)


def test_a_worker_that_is_killed_or_runs_out_of_memory(cluster, work, serial, caplog):
    of = units("plain", "killed", "plain", "hungry", "plain")
    with caplog.at_level("INFO"):
        outcomes = dict(launch(of, work, at(cluster)))
    assert set(outcomes) == set(of)
    assert work.records() == serial(of)
    for name, begun in (("killed.seed1", ["0", "2"]), ("hungry.seed3", ["0", "2"])):
        runs = [note.split() for note in work.notes() if note.startswith(name)]
        assert [after for _, after, _ in runs] == begun, "goes on after its last epoch"
        assert runs[0][2] != runs[1][2], "in another process"
    assert f"plain, seed 0: epoch {EPOCHS}/{EPOCHS} · 0:00 left" in caplog.text
    assert "(5 of 5)" in caplog.text


def test_a_unit_that_raises_or_never_has_memory_enough_fails_alone(cluster, work, serial, caplog):
    of = units("raises", "always_hungry", "plain", "plain")
    outcomes = dict(launch(of, work, at(cluster)))
    raised, hungry = (outcomes[unit] for unit in of[:2])
    assert isinstance(raised, Failure)
    assert "cluster_work.py" in raised.text
    assert raised.reason == "ZeroDivisionError: the third epoch of it"
    assert isinstance(hungry, Failure)
    assert "its process ended 2 times" in hungry.reason
    assert sorted(work.records()) == ["plain.seed2.json", "plain.seed3.json"]
    Path(work.folder, "mended").touch()
    of = [unit for unit in of if unit.algorithm != "always_hungry"]
    assert not any(isinstance(outcome, Failure) for _, outcome in launch(of, work, at(cluster)))
    assert work.records() == serial(of)


def test_a_client_that_is_killed_is_started_again(cluster, work, serial):
    of = units("waits", "plain")
    first = multiprocessing.get_context("spawn").Process(target=run_all, args=(of, work, at(cluster)))
    first.start()
    wait_for(lambda: len(work.records()) == 1 and len(work.state(of[0])) == 2)
    os.kill(first.pid, signal.SIGKILL)
    first.join()
    Path(work.folder, "go").touch()
    assert len(list(launch(of, work, at(cluster)))) == 2
    assert work.records() == serial(of)
    assert sum(note.startswith("plain") for note in work.notes()) == 1, "what has a record is not run again"


def run_all(of, work, params):
    list(launch(of, work, params))


def test_units_of_a_run_that_is_stopped_stop_after_their_epoch(cluster, work):
    of = units("waits", "plain")
    running = launch(of, work, at(cluster))
    assert next(running)[0].algorithm == "plain"
    wait_for(lambda: len(work.state(of[0])) == 2)
    running.close()
    with Client(cluster, set_as_default=False) as client:
        wait_for(lambda: not any(client.run(executed).values()))
    Path(work.folder, "go").touch()
    wait_for(lambda: len(work.state(of[0])) == 3)
    assert len(list(launch(units("plain", "plain", "plain"), work, at(cluster)))) == 3, "the workers are free again"
    assert len(work.state(of[0])) == 3


def test_a_scheduler_that_is_killed_is_waited_for(work, serial, caplog):
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port = free.getsockname()[1]
    address = f"tcp://{LOOPBACK}:{port}"
    of = units("waits", "plain", "plain")

    def start():
        scheduler = command("scheduler", f"--host={LOOPBACK}", f"--port={port}", "--no-dashboard")
        return scheduler, worker(address)

    def restart():
        try:
            wait_for(lambda: len(work.state(of[0])) == 2)
            for process in parts:
                process.kill()
                process.wait()
            parts[:] = start()
        finally:
            Path(work.folder, "go").touch()

    parts = list(start())
    other = threading.Thread(target=restart, daemon=True)
    other.start()
    try:
        assert {unit for unit, _ in launch(of, work, at(address))} == set(of)
    finally:
        other.join()
        for process in parts:
            process.kill()
            process.wait()
    assert "the scheduler is gone: waiting for it" in caplog.text
    assert work.records() == serial(of)
    assert [note.split()[1] for note in work.notes() if note.startswith("waits")] == ["0", "2"]


def test_workers_of_another_version_are_refused_by_name(cluster, work, serial, tmp_path, caplog):
    other = ChainWork(work.folder, torch="1.0")
    with pytest.raises(UserError, match=r"2 of 2 workers do not fit") as error:
        list(launch(units("plain"), other, at(cluster)))
    for address in cluster.scheduler_info["workers"]:
        assert f"{address}: torch is {work.torch} there and 1.0 here" in str(error.value)
    assert work.notes() == []


def test_a_worker_of_another_version_that_comes_later_leaves_again(cluster, work, serial, tmp_path, caplog):
    (tmp_path / "site" / "torch-9.9.dist-info").mkdir(parents=True)
    (tmp_path / "site" / "torch-9.9.dist-info" / "METADATA").write_text("Name: torch\nVersion: 9.9\n")
    of, outcomes = units("waits", "waits", "plain", "plain"), []
    running = threading.Thread(target=lambda: outcomes.extend(launch(of, work, at(cluster))), daemon=True)
    running.start()
    try:
        wait_for(lambda: len(work.notes()) == 2)
        with ended(worker(cluster.scheduler_address, path=[str(tmp_path / "site")])) as late:
            assert late.wait(timeout=60) == 0
    finally:
        Path(work.folder, "go").touch()
    running.join()
    assert f"torch is 9.9 there and {work.torch} here" in caplog.text
    assert len(outcomes) == len(of)
    assert work.records() == serial(of)


def test_a_cluster_of_this_machine_listens_on_loopback_and_shares_the_cores(work, serial, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before, others = {socket.laddr for socket in listening()}, set(multiprocessing.active_children())
    of = units("environment", "environment", "plain")
    running = launch(of, work, LauncherParams(name="dask", workers=2))
    next(running)
    opened = {socket.laddr for socket in listening()} - before
    assert len(opened) >= 4  # scheduler, dashboard, and both workers
    assert {address.ip for address in opened} == {LOOPBACK}
    assert len(list(running)) == len(of) - 1
    assert {note for note in work.notes() if note.startswith("OMP")} == {
        f"OMP_NUM_THREADS={max(1, usable() // 2)} CUDA_VISIBLE_DEVICES=None"
    }
    assert work.records() == serial(of)
    assert set(multiprocessing.active_children()) == others
    assert "OMP_NUM_THREADS" not in os.environ


def listening():
    me = psutil.Process()
    every = [one for process in (me, *me.children(recursive=True)) for one in process.net_connections()]
    return [one for one in every if one.status == psutil.CONN_LISTEN]


def in_this_process(*resources, security=None):
    """Start a cluster whose workers are threads of this process, each with its resources."""
    protocol = "tls" if security else "tcp"
    options = {"host": LOOPBACK, "protocol": protocol, "security": security}
    one = {"cls": Worker, "options": options | {"nthreads": 1}}
    return SpecCluster(
        scheduler={
            "cls": Scheduler,
            "options": options | {"dashboard": False, "dashboard_address": f"{LOOPBACK}:0", "port": 0},
        },
        workers={n: one | {"options": one["options"] | {"resources": has}} for n, has in enumerate(resources)},
        security=security,
        silence_logs="CRITICAL",
    )


def test_a_unit_of_a_gpu_goes_where_one_is_and_sees_no_other(work, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,1")  # as dask-cuda does: a worker's own comes first
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    of = units("environment", "environment")
    with in_this_process({}, {"GPU": 1}) as cluster:
        assert len(list(launch(of, work, at(cluster, resources={"GPU": 1.0}, threads=3)))) == len(of)
        without, having = cluster.workers.values()
        assert (without.state.executed_count, having.state.executed_count) == (0, len(of))
    assert {note for note in work.notes() if note.startswith("OMP")} == {"OMP_NUM_THREADS=3 CUDA_VISIBLE_DEVICES=3"}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Give files of two authorities, and of a certificate that each signed, by the names of `LauncherParams`."""
    return [signed(tmp_path_factory.mktemp(name)) for name in ("ours", "others")]


def signed(folder):
    day, now = timedelta(days=1), datetime.now(UTC)
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("authority", "cluster")]

    def certificate(subject, public, is_authority):
        draft = x509.CertificateBuilder().subject_name(subject).issuer_name(names[0]).public_key(public)
        draft = draft.serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day)
        draft = draft.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
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
        port = int(address.rpartition(":")[2])
        with socket.create_connection((LOOPBACK, port)) as plain, pytest.raises(ssl.SSLError, match="CERTIFICATE_REQ"):
            trusting.wrap_socket(plain).recv(1)
        assert work.notes() == []
        assert len(list(launch(of, work, at(address, **ours)))) == 1
