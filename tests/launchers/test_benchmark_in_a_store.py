"""The benchmark on Dask with all artifacts in an object store: Ctrl-C, a unit that fails, and the rest of it."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress

import psutil
import yaml

from cluster_work import wait_for, without_timing
from conftest import clone
from mnistm_da.cli import stopping
from mnistm_da.storage import files

UNITS = (
    "benchmark.algorithms=coral source_only,benchmark.seeds=0,coral.weight=1e300,training.epochs=15,network.width=4,"
    "selection.samples=50,selection.checkpoints=1,splitting.source_validation=3800,splitting.target_validation=3800"
)
ON_DASK = ("run", "--pipelines=benchmark", "--env=sample", f"--params={UNITS},launcher=dask,launcher.workers=1")


def test_what_ctrl_c_stopped_goes_on_and_what_fails_is_told_at_the_end(s3, tmp_path, kedro_here, monkeypatch):
    """The record is, byte for byte, that of a run on a disk without Dask, but for the seconds it took."""
    folder, place = clone(tmp_path / "clone"), s3.place(tmp_path.name)
    (folder / "conf/local/credentials.yml").write_text(yaml.safe_dump({"data_root": s3.credentials}))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("MNISTM_DATA_ROOT", str(place))

    def there(name):
        return {file.path.name: file.path for file in files.below(place / "sample" / name)}

    output = tmp_path / "output"
    with output.open("w") as file:
        stopped = subprocess.Popen(
            [sys.executable, "-m", "kedro", *ON_DASK],
            cwd=folder,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "COLUMNS": "200"},
            start_new_session=True,
        )
    try:
        wait_for(lambda: "source_only, seed 0: epoch 2/15" in output.read_text())
        workers = psutil.Process(stopped.pid).children(recursive=True)
        os.killpg(stopped.pid, signal.SIGINT)  # as a terminal does
        assert stopped.wait(timeout=120) == stopping.EXIT_CODE, output.read_text()
        assert psutil.wait_procs(workers, timeout=60)[1] == [], "no worker is left"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(stopped.pid, signal.SIGKILL)
    assert "Traceback" not in output.read_text()
    assert there("08_reporting/benchmark_runs") == {}

    done = kedro_here(*ON_DASK, cwd=folder)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "source_only, seed 0: epoch 15/15" in said
    assert "source_only, seed 0: epoch 1/15" not in said, "it goes on"
    assert "1 of 2 units failed, the others have their results" in said
    assert "coral, seed 0: mnistm_da.errors.DivergedError: training diverged in step" in said
    [(name, record)] = there("08_reporting/benchmark_runs").items()
    assert json.loads(record.read_bytes())["algorithm"] == "source_only"
    [failure] = there("08_reporting/benchmark_failures")
    assert failure.startswith("coral.seed0")

    monkeypatch.setenv("MNISTM_DATA_ROOT", str(tmp_path / "disk"))
    alone = UNITS.replace("coral source_only", "source_only")
    done = kedro_here("run", "--pipelines=benchmark", "--env=sample", f"--params={alone}", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    on_disk = tmp_path / "disk/sample/08_reporting/benchmark_runs" / name
    assert without_timing(record) == without_timing(on_disk)
