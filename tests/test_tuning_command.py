"""A search as a user types it, with two trials chosen together, and what `kedro prune` leaves of it.

That workers of Dask do the same is tested in `launchers/test_tuning_on_dask.py`.
"""

import json

import pandas as pd

from conftest import newest

SMALL = "training.epochs=2,network.width=4,selection.samples=50"
SMALL += ",splitting.source_validation=3800,splitting.target_validation=3800"
SEARCH = "tune.algorithm=mcc,tune.trials=2,tune.fresh_seeds=1,tune.at_once=2"


def test_a_search_and_its_hindsight(project, kedro_here):
    done = kedro_here("run", "--pipelines=tune", "--env=sample", f"--params={SMALL},{SEARCH}", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    study = pd.read_csv(newest(project, "mcc.study.csv"))
    assert list(study["state"]) == ["complete", "complete"]
    assert len({*study["mcc.weight"]}) == 2
    tuned = json.loads(newest(project, "mcc.tuned.json").read_text())
    assert tuned["by"] == {"score": "im", "guard": "source_accuracy"}
    assert set(tuned["winner"]["parameters"]) == {"weight", "ramp_speed", "temperature"}
    hindsight = pd.read_csv(newest(project, "mcc.study_in_hindsight.csv"))
    assert hindsight["target_test_accuracy"].between(0, 1).all()
    for name in ("mcc.study.png", "mcc.study_trust.png"):
        assert newest(project, name).stat().st_size > 10_000
    records = [
        json.loads(path.read_text()) for path in (project / "data/sample/08_reporting/tuning_trials").glob("mcc*")
    ]
    assert all(record["made_with"]["processor"]["threads"] >= 1 for record in records)
    assert len(records) == 2

    made_from = newest(project, "source.safetensors").parent.name
    again = kedro_here("run", "--nodes=ingest_source", "--env=sample", cwd=project)
    assert again.returncode == 0, again.stdout + again.stderr
    assert newest(project, "source.safetensors").parent.name > made_from
    shown = kedro_here("prune", "--keep=1", "--dry-run", "--env=sample", cwd=project)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert f"source@{made_from}" not in shown.stdout, "the study is kept, and it was made from that"
