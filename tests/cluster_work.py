"""Work for the tests of the launcher: a chain of hashes, an epoch each, with faults at will; it needs no torch."""

import hashlib
import json
import os
import signal
import threading
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from mnistm_da.launchers import Unit, to_nobody

EPOCHS = 4
TORCH = metadata.version("torch")


def units(*names):
    return [Unit(f"{name}.seed{seed}", name, seed) for seed, name in enumerate(names)]


@dataclass
class ChainWork:
    """Saves its state after every epoch and goes on from there; what a unit does beside that, its algorithm says.

    Attributes:
        folder: that all processes share.
        torch: the version of torch that a worker must have.
    """

    folder: str
    torch: str = TORCH

    def __call__(self, unit, tell=to_nobody):
        record = self.path("records", unit, ".json")
        if record.exists():
            return json.loads(record.read_text())
        chain = self.state(unit)
        self.note(f"{unit.name} {len(chain)} {os.getpid()}")
        for epoch in range(len(chain), EPOCHS):
            chain.append(hashlib.sha256(f"{unit.seed} {chain[-1:]}".encode()).hexdigest())
            write(self.path("states", unit, ".json"), chain)
            tell(epoch + 1, EPOCHS, 0.1)
            getattr(self, unit.algorithm)(epoch)
        record_of_it = {"algorithm": unit.algorithm, "seed": unit.seed, "chain": chain}
        write(record, record_of_it)
        self.path("states", unit, ".json").unlink(missing_ok=True)
        return record_of_it

    def misfits(self):
        here = metadata.version("torch")
        return [] if here == self.torch else [f"torch is {here} there and {self.torch} here"]

    def plain(self, epoch):
        """Nothing more."""

    def killed(self, epoch):
        if epoch == 1 and self.first("killed"):
            os.kill(os.getpid(), signal.SIGKILL)

    def hungry(self, epoch):
        if epoch == 1 and self.first("hungry"):
            eat()

    def always_hungry(self, epoch):
        if threading.current_thread() is not threading.main_thread():
            eat()

    def raises(self, epoch):
        if not (Path(self.folder) / "mended").exists():
            raise ZeroDivisionError("the third epoch of it")

    def waits(self, epoch):
        while epoch == 1 and not (Path(self.folder) / "go").exists():
            time.sleep(0.02)

    def environment(self, epoch):
        self.note(" ".join(f"{name}={os.environ.get(name)}" for name in ("OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES")))

    def first(self, what):
        """Whether it is the first time in another process than that of the tests."""
        path = Path(self.folder) / what
        if path.exists() or threading.current_thread() is threading.main_thread():
            return False
        path.touch()
        return True

    def note(self, text):
        with (Path(self.folder) / "notes").open("a") as file:
            file.write(text + "\n")

    def notes(self):
        path = Path(self.folder) / "notes"
        return path.read_text().splitlines() if path.exists() else []

    def state(self, unit):
        path = self.path("states", unit, ".json")
        return json.loads(path.read_text()) if path.exists() else []

    def path(self, kind, unit, suffix):
        return Path(self.folder) / kind / f"{unit.name}{suffix}"

    def records(self):
        return {path.name: path.read_bytes() for path in (Path(self.folder) / "records").glob("*.json")}


def write(path, data):
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(data))
    temporary.replace(path)


def executed(dask_worker):
    """Give what a worker runs, without what nobody waits for any more."""
    return [str(task.key) for task in dask_worker.state.tasks.values() if task.state == "executing"]


def eat():
    """Take memory until the process is killed."""
    taken = []
    while True:
        taken.append(b"x" * 20_000_000 if len(taken) < 40 else None)
        time.sleep(0.01)


def wait_for(is_true, seconds=300):
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def without_timing(path):
    """Give a record as bytes, without the seconds that its training took."""
    return json.dumps(json.loads(path.read_bytes()) | {"timing": None}, indent=1).encode()
