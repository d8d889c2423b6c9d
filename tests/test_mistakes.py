"""A mistake in a command is one message: it names the fault and the cure, before any node runs."""

import os
import socket
import sys
from importlib import import_module

import pytest
import rich
from click.testing import CliRunner

from one_message import NODE, check

DANN = "run --pipelines=dann --env=sample"
BENCHMARK = "run --pipelines=benchmark --env=sample"
TUNE = "run --pipelines=tune --env=sample"
PREDICT = "run --pipelines=predict --env=sample"

MISTAKES = [
    # names of parameters
    (f"{DANN} --params=sead=1", "no parameter 'sead'. Did you mean 'seed'?"),
    (f"{DANN} --params=trainig.epochs=1", "no parameter 'trainig'. Did you mean 'training'?"),
    (f"{DANN} --params=training.epoch=1", "no parameter 'training.epoch'. Did you mean 'training.epochs'?"),
    (f"{DANN} --params=dann.wieght=3", "no parameter 'dann.wieght'. Did you mean 'dann.weight'?"),
    (f"{BENCHMARK} --params=dann.wieght=3", "no parameter 'dann.wieght'. Did you mean 'dann.weight'?"),
    (f"{DANN} --params=mmd.weight=3", "parameter 'mmd' changes nothing in dann, but in --pipelines=mmd"),
    (f"{DANN} --params=images=docs", "parameter 'images' changes nothing in dann, but in --pipelines=predict"),
    (f"{DANN} --params=benchmark.seeds=1", "parameter 'benchmark' changes nothing in dann, but in --pipelines=bench"),
    (f"{DANN} --params=few_labels.setting=supervised", "changes nothing in dann, but in --pipelines=source_few"),
    # values
    (f"{DANN} --params=training.epochs=abc", "'training.epochs' must be a valid integer, not 'abc'"),
    (f"{DANN} --params=training.epochs=1.5", "'training.epochs' must be a valid integer, not 1.5"),
    (f"{DANN} --params=training.epochs=true", "'training.epochs' must be a valid integer, not True"),
    (f"{DANN} --params=training.epochs=", "'training.epochs' must be a valid integer, not nothing"),
    (f"{DANN} --params=training.learning_rate=.inf", "'training.learning_rate' must be a finite number"),
    (f"{DANN} --params=training=3", "'training' is a section and cannot be 3"),
    (f"{DANN} --params=network.dropout=1.5", "'network.dropout' must be less than 1, not 1.5"),
    (f"{DANN} --params=training.decay=cosin", "'training.decay': there is no schedule 'cosin'. Did you mean 'cosine'?"),
    (
        f"{DANN} --params=selection.by=accuracy",
        "'selection.by': there is no validator 'accuracy'. Did you mean 'source_accuracy'?",
    ),
    (f"{DANN} --params=splitting.digits=some", "'splitting.digits' must be 'shared' or 'disjoint'"),
    (
        "run --pipelines=mme --params=few_labels.per_class=0",
        "'few_labels.per_class' must be greater than or",
    ),
    (f"{DANN} --params=seed=one", "'seed' must be a whole number from 0"),
    (f"{DANN} --params=seed=-1", "'seed' must be a whole number from 0"),
    (f"{DANN} --params=seed=4294967296", "'seed' must be a whole number from 0"),
    (f"{DANN} --params=resume=maybe", "'resume' must be true or false"),
    (f"{DANN} --params=device=cuda:7", "this machine has only"),
    (f"{DANN} --params=device=tpu", "no device 'tpu'"),
    (f"{DANN} --params=seed={{", "'--params=seed={' cannot be read as YAML"),
    (f"{DANN} --params=seed=${{x}}", "'seed': Interpolation key 'x' not found"),
    (f"{DANN} --params=training", "`training` must contain a key and a value"),
    (f"{DANN} --params==3", "key cannot be an empty string"),
    (f"{BENCHMARK} --params=benchmark.algorithms=dan", "no algorithm 'dan'. Did you mean 'dann'?"),
    ([*BENCHMARK.split(), "--params=benchmark.seeds=0 -1"], "'benchmark.seeds.1' must be greater than or equal to 0"),
    ([*BENCHMARK.split(), "--params=benchmark.seeds=a b c d e"], "'benchmark.seeds.0' must be a valid integer, not"),
    (f"{BENCHMARK} --params=benchmark.seeds=4294967296", "'benchmark.seeds.0' must be less than 4294967296"),
    (f"{BENCHMARK} --params=launcher=dusk", "'launcher.name': there is no launcher 'dusk'. Did you mean 'dask'?"),
    (f"{BENCHMARK} --params=launcher=dask,launcher.workers=0", "'launcher.workers' must be greater than or equal to 1"),
    (f"{BENCHMARK} --params=launcher=dask,launcher.scheduler=there", "'there' is no address: one has a protocol"),
    (f"{BENCHMARK} --params=launcher=dask,launcher.scheduler=tcp://there", "'tcp://there' is no address: one has"),
    (f"{BENCHMARK} --params=launcher=dask,launcher.resources=GPU", "such as launcher.resources.NAME=1"),
    (f"{BENCHMARK} --params=launcher=dask,launcher.resources.GPU=0", "'launcher.resources.GPU' must be greater than 0"),
    (f"{BENCHMARK} --params=launcher.workers=2", "'launcher.workers' changes nothing with launcher=here: add "),
    (f"{BENCHMARK} --params=tracking.uri=http://there", "'tracking.uri' changes nothing with tracking=none: add track"),
    (f"{DANN} --params=tracking=mlflow,tracking.uri=there:1", "'there:1' is no address: one has a protocol, such as"),
    (f"{BENCHMARK} --params=launcher.tls_ca=ca.pem", "tls_cert and tls_key must be named too"),
    (f"{BENCHMARK} --params=benchmark.merge=nowhere", "benchmark.merge: 'nowhere' is no folder"),
    (f"{BENCHMARK} --params=benchmark.merge=notebooks", "benchmark.merge: there is no result in"),
    (f"{BENCHMARK} --params=benchmark.merge=docs", ".json: algorithm: Field required"),
    (f"{BENCHMARK} --params=benchmark=3,benchmark.merge=docs", "'benchmark' is a section and cannot be 3"),
    (f"{DANN} --params=benchmark.merge=docs", "parameter 'benchmark' changes nothing in dann"),
    (f"{DANN} --params=tracking=mlfow", "'tracking.name': there is no tracking 'mlfow'. Did you mean 'mlflow'?"),
    (f"{DANN} --params=tracking.url=x", "no parameter 'tracking.url'. Did you mean 'tracking.uri'?"),
    (f"{DANN} --params=launcher=dask", "parameter 'launcher' changes nothing in dann, but in --pipelines=benchmark"),
    (f"{TUNE} --params=tune.algorithm=corral", "no algorithm 'corral'. Did you mean 'coral'?"),
    (f"{TUNE} --params=tune.algorithm=mme", "'tune.algorithm': 'mme' is no unsupervised adaptation. Those are mmd"),
    (f"{TUNE} --params=tune.algorithm=adabn", "tune.algorithm=adabn: no parameter of it has a range"),
    (f"{TUNE} --params=tune.trials=0", "'tune.trials' must be greater than or equal to 1"),
    (
        f"{TUNE} --params=tune.score=accuracy",
        "'tune.score': there is no validator 'accuracy'. Did you mean 'source_acc",
    ),
    (f"{TUNE} --params=tune.guard=dve", "'tune.guard': there is no validator 'dve'. Did you mean 'dev'?"),
    (f"{TUNE} --params=tune.guard=im", "tune.guard is im, as tune.score"),
    (f"{TUNE} --params=tune.sampler=grid", "'tune.sampler' must be 'tpe', 'gp' or 'random'"),
    (f"{TUNE} --params=tune.pruner=hyperband", "'tune.pruner' must be 'median' or 'none'"),
    (f"{TUNE} --params=tune.fresh_seeds=0", "tune.fresh_seeds has 0, the seed of the search"),
    (f"{TUNE} --params=tune.algorithm=shot", "tune.guard=source_accuracy reads source images, and shot may not"),
    (f"{TUNE} --params=launcher=dask,launcher.scheduler=tcp://there:1", "name it, such as tune.at_once=8"),
    (f"{TUNE} --params=mmd.weight=1000", "'mmd.weight' is 1000, and is searched from 0.1 to 100"),
    (f"{TUNE} --params=training.batch_size=100000", "training.batch_size is 100000"),
    (
        f"{TUNE} --params=tune.score=proxy,splitting.source_validation=3250",
        "the proxy pair (tune.score=proxy) is a part of the source: splitting.source_validation is 3250, but there are",
    ),
    (f"{DANN} --params=tune.trials=5", "parameter 'tune' changes nothing in dann, but in --pipelines=tune"),
    # more than there is
    (f"{DANN} --params=training.batch_size=100000", "training.batch_size is 100000, but the source training split has"),
    (f"{BENCHMARK} --params=training.batch_size=100000", "training.batch_size is 100000"),
    ("run --pipelines=dann --params=training.batch_size=100000", "the source training split has only 55000 images"),
    ("run --pipelines=mme --params=few_labels.per_class=100000", "has at most 5421 images of some class"),
    (f"{DANN} --params=splitting.source_validation=70000", "splitting.source_validation is 70000, but there are only"),
    (f"{DANN} --params=splitting.target_validation=70000", "splitting.target_validation is 70000, but there are only"),
    (f"{DANN} --params=embedding.samples=10", "embedding.perplexity is 30, but the map has only 20 images"),
    (
        f"{DANN} --params=embedding.method=umap,embedding.samples=10",
        "embedding.perplexity is 30, but the map has only 20",
    ),
    (f"{DANN} --params=embedding.perplexity=30000", "embedding.perplexity is 30000, but the map has only"),
    (
        f"{DANN} --params=selection.by=class_cluster,splitting.target_validation=9",
        "needs at least 10 target validation",
    ),
    (f"{DANN} --params=selection.by=dev,splitting.source_validation=1", "selection.by=dev is not available"),
    ("run --pipelines=shot --env=sample --params=selection.by=dev", "reads source images, and shot may not"),
    ("run --pipelines=vada --params=training.precision=bfloat16", "VADA looks at derivatives"),
    (
        f"{DANN} --params=training.augmentation.polarity=2",
        "'training.augmentation.polarity' must be less than or equal",
    ),
    (f"{DANN} --params=training.average=1", "'training.average' must be less than 1"),
    (f"{DANN} --params=training.precision=half", "'training.precision' must be 'auto', 'float32' or 'bfloat16'"),
    (f"{DANN} --params=network.width=1000000", "'network.width' must be less than or equal to 4096, not 1000000"),
    (f"{DANN} --params=dann.epochs_factor=1e300", "'dann.epochs_factor' must be less than or equal to 1000"),
    (f"{DANN} --params=training.epochs=1000000000", "'training.epochs' must be less than or equal to 100000"),
    (f"{BENCHMARK} --params=benchmark.seeds=0,1,2", "'1' after 'benchmark.seeds' is no name=value. Commas part"),
    # an option that is given twice
    (
        f"{DANN} --params=training.epochs=0 --params=seed=1",
        "'training.epochs' must be greater than or equal to 1, not 0",
    ),
    ("run --pipelines=dan --pipelines=dann", "no pipeline 'dan'. Did you mean 'dann'?"),
    ("run --nodes=dann.trian --nodes=dann.train", "no node 'dann.trian'. Did you mean 'dann.train'?"),
    ("status --pipelines=dan --pipelines=dann", "no pipeline 'dan'. Did you mean 'dann'?"),
    # what a run names
    ("run --pipelines=dan", "no pipeline 'dan'. Did you mean 'dann'?"),
    ("run --pipelines=dan --only-stale", "no pipeline 'dan'. Did you mean 'dann'?"),
    ("run --pipelines=dann --pipeline=dann", "mean the same: name one of them"),
    ("run --pipelines=dann --env=smaple", "no environment 'smaple'. Did you mean 'sample'?"),
    ("run --pipelines=dann --env=.", "no environment '.'"),
    ("run --pipelines=dann --env=base/../sample", "no environment 'base/../sample'. Did you mean 'sample'?"),
    ("run --pipelines=dann --nodes=dann.evalute", "no node 'dann.evalute'. Did you mean 'dann.evaluate'?"),
    ("run --only-stale --nodes=dann.evalute", "no node 'dann.evalute'. Did you mean 'dann.evaluate'?"),
    ("run --from-nodes=split_sorce", "no node 'split_sorce'. Did you mean 'split_source'?"),
    ("run --to-nodes=split_sorce", "no node 'split_sorce'. Did you mean 'split_source'?"),
    ("run --pipelines=dann --nodes=mmd.train", "'mmd.train' is not in --pipelines=dann, but in --pipelines=mmd"),
    ("run --pipelines=dann --from-nodes=dann.train --to-nodes=split_source", "leave no node to run"),
    ("run --pipelines=dann --to-outputs=dann.metric", "no dataset 'dann.metric'. Did you mean 'dann.metrics'?"),
    ("run --pipelines=dann --from-inputs=target_image", "no dataset 'target_image'. Did you mean 'target_images'?"),
    ("run --pipelines=dann --tags=trainin", "no tag 'trainin'. Did you mean 'training'?"),
    ("run --pipelines=dann --tags=training,trainin", "no tag 'trainin'. Did you mean 'training'?"),
    ("run --pipelines=dann --namespaces=dan", "no namespace 'dan'. Did you mean 'dann'?"),
    ("run --runner=ParalelRunner", "no runner 'ParalelRunner'. Did you mean 'ParallelRunner'?"),
    ("run --runner=math.sqrt", "no runner 'math.sqrt'"),
    ("run --runner-params=max_workers=2", "--runner-params=max_workers=2 does not fit SequentialRunner"),
    ("run --conf-source=nowhere", "'nowhere' does not exist"),
    ("run --config=conf/base/parameters.yml", "has no options of `kedro run`. It must read 'run:'"),
    ("run --config=nowhere.yml", "'nowhere.yml' does not exist"),
    (f"{DANN} --load-versions=source:2020-01-01T00.00.00.000Z", "no version '2020-01-01T00.00.00.000Z' of 'source'"),
    (f"{DANN} --load-versions=nosuch:2020-01-01T00.00.00.000Z", "no dataset 'nosuch'"),
    (f"{DANN} --load-versions=source", "'load_versions'"),
    ("run --pipline=dann", "'--pipline'"),
    ("run dann", "dann"),
    ("rnu", "'rnu'"),
    # one's own pictures and models
    (f"{PREDICT} --params=model=dan", "no algorithm 'dan'. Did you mean 'dann'?"),
    (f"{PREDICT} --params=images=", "Name their folder: --params=images=path/to/folder"),
    (f"{PREDICT} --params=images=data", "no picture in 'data'"),
    (f"{PREDICT} --params=images=.", "no picture in '/"),
    (f"{PREDICT} --params=images=~nobody-of-this-name/a", "no folder or file '~nobody-of-this-name/a'"),
    (f"{PREDICT} --params=images.x=a", "parameter 'images' is a path and cannot be {'x': 'a'}"),
    (f"{PREDICT} --params=images=nowhere", "no folder or file 'nowhere'"),
    ("run --pipelines=export --env=sample --params=model=vada", "'vada' has not been trained here yet"),
    # the other commands
    ("status --pipelines=dan", "no pipeline 'dan'. Did you mean 'dann'?"),
    ("status --env=smaple", "no environment 'smaple'. Did you mean 'sample'?"),
    ("status --params=training.epoch=1", "Did you mean 'training.epochs'?"),
    ("lineage", "'DATASET'"),
    ("lineage nosuch", "no dataset 'nosuch'"),
    ("lineage dann.modl", "no dataset 'dann.modl'. Did you mean 'dann.model'?"),
    ("lineage exported_onnx --env=sample", "no saved version of a dataset 'exported_onnx'"),
    ("lineage source --env=smaple", "no environment 'smaple'"),
    ("reproduce nosuch@v", "no dataset 'nosuch'"),
    ("reproduce exported_onnx@v --env=sample", "no saved version of a dataset 'exported_onnx'"),
    ("prune", "'--keep'"),
    ("prune --keep=0", "0 is not in the range"),
    ("prune --keep=1 --env=smaple", "no environment 'smaple'"),
]


@pytest.fixture(scope="module")
def command(project, root):
    """Run a command line in this process; the commands of the project are loaded once."""
    from kedro.framework.cli.cli import KedroCLI
    from kedro.framework.startup import bootstrap_project

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path])
        patch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
        patch.setattr(rich.get_console(), "width", 200)
        patch.chdir(project)
        kedro = KedroCLI(project)
        yield lambda arguments: CliRunner().invoke(kedro, arguments)
    bootstrap_project(root)


@pytest.mark.parametrize(("line", "message"), MISTAKES, ids=[str(line) for line, _ in MISTAKES])
def test_a_mistake_is_one_message_before_any_node_runs(line, message, command):
    done = command(line.split() if isinstance(line, str) else line)
    assert isinstance(done.exception, SystemExit), done.exception
    check(done.output, done.exit_code, message)


def test_a_message_has_as_few_lines_on_a_narrow_terminal(command, monkeypatch):
    monkeypatch.setattr(rich.get_console(), "width", 80)
    done = command(f"{TUNE} --params=tune.algorithm=mme".split())
    check(done.output, done.exit_code, "'tune.algorithm': 'mme' is no unsupervised adaptation. Those are mmd")


@pytest.mark.parametrize("text", ["seed: [1", "training: {batch_size: 64", "- a list", "seed: 1\n---\nseed: 2"])
def test_a_damaged_file_of_parameters_is_one_message(text, command, project):
    path = project / "conf/local/parameters_mine.yml"
    path.write_text(text)
    try:
        done = command(["status", "--pipelines=data"])
    finally:
        path.unlink()
    check(done.output, done.exit_code, "the configuration cannot be read")


def test_an_unknown_name_in_a_file_of_parameters_is_told(command, project):
    path = project / "conf/local/parameters_mine.yml"
    path.write_text("traning: {epochs: 3}")
    try:
        done = command(["status", "--pipelines=data"])
    finally:
        path.unlink()
    check(done.output, done.exit_code, "no parameter 'traning'. Did you mean 'training'?")


def test_a_version_of_what_the_run_makes_is_refused(command, project):
    """Kedro would make another one and then be unable to load the one that was named."""
    made = command(["run", "--pipelines=data", "--env=sample", "--nodes=ingest_source"])
    assert made.exit_code == 0, made.output
    assert NODE.search(made.output)  # as a mistaken run must not print
    version = next((project / "data/sample/03_primary/source.safetensors").iterdir()).name
    done = command(f"{DANN} --load-versions=source:{version}".split())
    check(done.output, done.exit_code, "this run makes 'source' itself (in ingest_source)")


@pytest.mark.parametrize("module", ["serve", "site"])
def test_kedro_viz_names_a_wrong_environment_and_a_missing_project(module, project, tmp_path, monkeypatch):
    main = import_module(f"mnistm_da.viz.{module}").main
    monkeypatch.chdir(project)
    done = CliRunner().invoke(main, ["--env=smaple"])
    check(done.output, done.exit_code, "no environment 'smaple'. Did you mean 'sample'?")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["--env=sample"])
    check(done.output, done.exit_code, "is not in a Kedro project")


def test_a_port_that_is_taken_is_told_before_any_address(project, monkeypatch):
    monkeypatch.chdir(project)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = CliRunner().invoke(import_module("mnistm_da.viz.serve").main, [f"--port={port}", "--no-browser"])
    check(done.output, done.exit_code, f"port {port} cannot be used (Address already in use)")
    assert f"make viz VIZ_PORT={port % 65535 + 1}" in done.output
