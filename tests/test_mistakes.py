"""Mistakes in a command are told in one message before anything runs."""

import pytest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--params=resume=maybe"], "'resume' must be true or false"),
        (["--pipelines=benchmark", "--params=benchmark.algorithms=dan"], "there is no algorithm 'dan'"),
        (["--pipelines=benchmark", "--params=dann.wieght=3"], "wieght"),
        (
            ["--params=few_labels.setting=supervised"],
            "changes nothing in dann, but in --pipelines=source_few",
        ),
        (["--params=mmd.weight=3"], "parameter 'mmd' changes nothing in dann"),
        (["--pipelines=dann_few_labels", "--params=few_labels.setting=nonsense"], "'semi_supervised' or 'supervised'"),
        (["--pipelines=predict", "--params=model=dan"], "there is no algorithm 'dan'"),
        (["--pipelines=predict", "--params=images="], "Name their folder: --params=images=path/to/folder"),
        (["--pipelines=predict", "--params=images=data"], "there is no picture in 'data'"),
        (["--pipelines=export", "--params=model=vada"], "'vada' has not been trained here yet"),
        (["--params=selection.by=imm"], "'last', 'im'"),
        (["--pipelines=dan"], "there is no pipeline 'dan'"),
        (["--params=sead=1"], "no parameter 'sead'. Did you mean 'seed'?"),
        (["--params=seed=one"], "'seed' must be a whole number"),
        (["--params=training.epoch=3"], "epoch"),
        (["--params=training.epochs=many"], "valid integer"),
        (["--params=splitting.digits=some"], "'shared' or 'disjoint'"),
        (["--params=dann.wieght=3"], "wieght"),
        (["--params=device=cuda:7"], "this machine has only"),
        (["--params=device=tpu"], "there is no device 'tpu'"),
    ],
)
def test_a_mistake_is_named_before_any_node_runs(arguments, message, project, kedro_here):
    if not any(argument.startswith("--pipelines") for argument in arguments):
        arguments = ["--pipelines=dann", *arguments]
    done = kedro_here("run", "--env=sample", *arguments, cwd=project)
    text = " ".join(done.stdout.split())
    assert done.returncode != 0
    assert message.lower() in text.lower(), text
    assert "[1/" not in text, "a node ran"
