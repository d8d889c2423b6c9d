"""The real commands with all artifacts in a bucket: configuration alone makes the difference."""

import sys
from importlib import import_module

import pytest
import yaml

from conftest import clone
from mnistm_da.lineage import leases
from mnistm_da.storage import files, whole

HERE = "--env=sample"
TINY = "--params=training.epochs=2,training.batch_size=500,network.width=8,embedding.samples=60,embedding.method=pca"
TRAINING = ("--pipelines=source_only", "--to-nodes=source_only.select", HERE)


def said(done):
    return " ".join((done.stdout + done.stderr).split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return clone(tmp_path_factory.mktemp("clone"))


@pytest.fixture
def command(folder, s3, kedro_here, monkeypatch):
    """Run a command on the bucket; give what it ends with, and fail where it should not end so."""

    def run(*arguments, place="bucket/runs", fails=False, **credentials):
        monkeypatch.setenv("MNISTM_DATA_ROOT", f"s3://{place}")
        text = yaml.safe_dump({"data_root": s3.credentials | credentials})
        (folder / "conf/local/credentials.yml").write_text(text)
        done = kedro_here(*arguments, cwd=folder)
        assert (done.returncode != 0) is fails, said(done)
        return done

    return run


def test_a_run_stopped_in_a_save_goes_on_and_all_commands_know_what_there_is(command, folder, s3, monkeypatch):
    upload, states = whole._upload, []

    def upload_or_stop(final, content):
        states.extend([final] if final.name == "source_only.training_state.safetensors" else [])
        if len(states) == 2:
            raise KeyboardInterrupt
        upload(final, content)

    monkeypatch.setattr(whole, "_upload", upload_or_stop)
    stopped = command("run", *TRAINING, TINY, fails=True)
    monkeypatch.setattr(whole, "_upload", upload)
    assert "source_only.collect" not in said(stopped)

    went_on = command("run", *TRAINING, f"{TINY},resume=true", "--only-stale")
    assert "going on after epoch 1" in said(went_on)
    assert "make_target_images" not in said(went_on), "it was made again"
    before = {file.path for file in files.below(s3.place("runs"))}
    again = command("reproduce", "format", HERE)
    assert "came out the same, byte for byte" in said(again)
    assert {file.path for file in files.below(s3.place("runs"))} == before
    model = files.children(s3.place("runs/sample/06_models/source_only.model.safetensors"))[-1]
    data = model / "source_only.model.safetensors"
    data.write_bytes(data.read_bytes()[:-1] + b"x")
    damaged = command("run", "--pipelines=predict", HERE, "--params=model=source_only", fails=True)
    assert f"{data} is damaged" in said(damaged)
    assert "--only-stale (its node is source_only.select)" in said(damaged)

    [lease] = leases.all_leases(s3.place("runs/sample"))
    files.delete(lease)  # as if the process that was stopped were another one
    pruned = command("prune", "--keep=1", HERE)
    assert f"deleting source_only.training_state@{lease.stem.rpartition('.')[0]}" in said(pruned)
    assert "1 versions and 0 leftovers" in said(pruned)

    left = [path for path in (folder / "data").rglob("*") if path.is_file() and path.name != ".gitkeep"]
    assert left == []


@pytest.mark.parametrize(
    ("arguments", "place", "credentials", "message"),
    [
        ("run --pipelines=data", "nobucket/runs", {}, "there is no bucket 'nobucket'"),
        ("status", "bucket/runs", {"key": "another"}, "the store refuses the credentials"),
        ("lineage format", "bucket/runs", {"endpoint_url": "http://127.0.0.1:9"}, "the store cannot be reached"),
    ],
    ids=["bucket", "credentials", "network"],
)
def test_a_store_that_cannot_be_used_is_one_message(place, credentials, message, arguments, command, s3):
    s3.ask_for_credentials("key" in credentials)
    done = command(*arguments.split(), HERE, place=place, fails=True, **credentials)
    s3.ask_for_credentials(False)
    assert message in said(done)
    assert f"s3://{place}/sample" in said(done)
    assert "Traceback" not in said(done)
    assert len(done.stdout.strip().splitlines()) <= 6
    assert s3.credentials["secret"] not in done.stdout.split()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("s3://bucket/runs", "whose library is missing (Install s3fs to access S3): pip install 'mnistm-da[s3]'"),
        ("s4://bucket/runs", "nothing is known of the protocol 's4://'"),
        ("https://example.com/runs", "nothing can be saved by https://"),
    ],
)
def test_a_protocol_that_cannot_be_used_is_one_message(address, message, folder, kedro_here, monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(import_module("fsspec.registry")._registry, "s3", raising=False)
    monkeypatch.setenv("MNISTM_DATA_ROOT", address)
    done = kedro_here("status", HERE, cwd=folder)
    assert done.returncode != 0
    assert f"'data_root' is '{address}/sample'" in said(done)
    assert message in said(done)
    assert "Traceback" not in said(done)
