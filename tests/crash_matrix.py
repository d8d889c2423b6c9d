"""Kill runs of the sample, go on with --only-stale, and compare with a run that was left alone.

    python tests/crash_matrix.py --kills 100 [--store]

First a kill inside the save of every dataset, then kills at random moments. After each, every saved version must be
whole; every run that is taken up again must come to its end, with the bytes of the run that was left alone. With
``--store``, all artifacts lie in the bucket of a real S3 server.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import object_store
from sample_project import SampleProject

DYING = """
import os, random, runpy, signal
from pathlib import Path
from mnistm_da.storage import whole

flush, survived, dies_at = whole._flush_to_disk, 0, random.Random(int(os.environ["DIE_SEED"])).randint(0, 3)

def flush_or_die(path):
    # A save is flushed four times: the record, its folder, the data, their folder.
    global survived
    dataset = Path(path).parent.name if Path(path).is_dir() else Path(path).parent.parent.name
    if dataset not in os.environ["DIED"].split():
        if survived == dies_at or Path(path).is_dir() and Path(path).joinpath(dataset).exists():
            Path("died").write_text(dataset)
            os.kill(os.getpid(), signal.SIGKILL)
        survived += 1
    flush(path)

whole._flush_to_disk = flush_or_die
runpy.run_module("kedro", run_name="__main__")
"""


DYING_IN_STORE = """
import os, random, runpy, signal, socket
from urllib.parse import urlsplit
from mnistm_da.storage import whole

upload, survived, dies_at = whole._upload, 0, random.Random(int(os.environ["DIE_SEED"])).randint(0, 3)

def send_half(final, content):
    # The server waits for the rest.
    server = urlsplit(final.storage_options["endpoint_url"])
    head = f"PUT /{final.path} HTTP/1.1\\r\\nHost: {server.netloc}\\r\\nContent-Length: {len(content)}\\r\\n\\r\\n"
    socket.create_connection((server.hostname, server.port)).sendall(head.encode() + content[: len(content) // 2])

def upload_or_die(final, content):
    # A save has two uploads: the record, the data. It dies before one of them, or in the middle.
    global survived
    dataset = final.parent.parent.name
    if final.name.startswith(dataset) and dataset not in os.environ["DIED"].split():
        if dies_at in (survived, survived + 1) or final.name == dataset:
            if dies_at % 2:
                send_half(final, content)
            open("died", "w").write(dataset)
            os.kill(os.getpid(), signal.SIGKILL)
        survived += 2
    upload(final, content)

whole._upload = upload_or_die
runpy.run_module("kedro", run_name="__main__")
"""


def kill_inside_every_save(project: SampleProject, expected: dict[str, str], seed: int) -> set[str]:
    """Let each dataset's first save die at one of its four steps; a run goes on until the next dataset's turn.

    Returns:
        The datasets in whose save a run died.
    """
    project.reset()
    died: set[str] = set()
    while True:
        project.environment |= {"DIED": " ".join(died), "DIE_SEED": str(seed + len(died))}
        dying = DYING if project.data.protocol in ("", "file") else DYING_IN_STORE
        ended = project.start("--only-stale", program=dying).wait()
        project.check_whole()
        if ended == 0:
            break
        assert ended == -signal.SIGKILL, (project.folder / "output").read_text()
        died.add((project.folder / "died").read_text())
    assert project.contents() == expected
    return died


def kill_at_random(project: SampleProject, expected: dict[str, str], kills: int, seconds: float, seed: int) -> int:
    """Kill runs at random moments until there were ``kills``; begin anew after each run that came to its end.

    Returns:
        How many runs came to their end after kills.
    """
    moments, done, completed = random.Random(seed), 0, 0
    while done < kills:
        project.reset()
        killed = 0
        while True:
            started, run = time.perf_counter(), project.start("--only-stale")
            try:
                ended = run.wait(moments.uniform(0, seconds) if done < kills else None)
            except subprocess.TimeoutExpired:
                run.kill()
                run.wait()
                done, killed = done + 1, killed + 1
                project.check_whole()
                continue
            assert ended == 0, (project.folder / "output").read_text()
            break
        if not killed:  # the machine is faster now than it was: aim anew
            seconds = time.perf_counter() - started
            continue
        project.check_whole()
        assert project.contents() == expected
        completed += 1
        print(f"{done} kills at random moments, {completed} runs completed with the same bytes", flush=True)
    return completed


def main() -> None:
    """Do both, and print the results."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--kills", type=int, default=100, help="at random moments")
    arguments.add_argument("--only-random", action="store_true", help="no kills inside saves")
    arguments.add_argument("--pipeline", default="dann")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--store", action="store_true", help="artifacts in an object store")
    chosen = arguments.parse_args()
    server, stop = object_store.start() if chosen.store else (None, lambda: None)
    with tempfile.TemporaryDirectory() as folder:
        alone = SampleProject(Path(folder) / "alone", chosen.pipeline)
        started = time.perf_counter()
        alone.run()
        seconds, expected = time.perf_counter() - started, alone.contents()
        print(f"left alone: {seconds:.0f} s, {len(expected)} datasets that hold no seconds", flush=True)
        project = SampleProject(Path(folder) / "killed", chosen.pipeline, server=server)
        if not chosen.only_random:
            died = kill_inside_every_save(project, expected, chosen.seed)
            unhit = {path.name for path in alone.versions()} - died
            print(
                f"killed inside the saves of {len(died)} datasets (not of: {unhit or 'none'}), same bytes", flush=True
            )
        kill_at_random(project, expected, chosen.kills, seconds, chosen.seed)
    stop()


if __name__ == "__main__":
    sys.exit(main())
