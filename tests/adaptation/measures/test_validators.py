import numpy as np
import pandas as pd
import pytest
import torch

from mnistm_da.adaptation.measures.validators import (
    VALIDATORS,
    Outputs,
    assess_validators,
    choose,
    deep_embedded_validation,
    validate,
)


def outputs(sharpness, *, labelled, seed=0, count=200):
    """Predictions of ten equally frequent classes, certain as ``sharpness`` is large; features in ten clusters."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 10
    noise = torch.randn(count, 10, generator=generator)
    features = 3 * torch.nn.functional.one_hot(labels, 16).float() + 0.5 * torch.randn(count, 16, generator=generator)
    logits = sharpness * (torch.nn.functional.one_hot(labels, 10) + 0.1 * noise)
    return Outputs(features, logits, labels if labelled else None)


def test_every_validator_gives_a_finite_score_and_can_be_asked_for():
    scores = validate(outputs(3, labelled=True), outputs(3, labelled=False, seed=1))
    assert list(scores) == list(VALIDATORS)
    assert all(np.isfinite(score) for score in scores.values())


def test_entropy_diversity_and_im_are_those_of_the_definitions():
    target = outputs(2, labelled=False)
    p = target.logits.softmax(dim=1).double().numpy()
    entropy = -(p * np.log(p)).sum(axis=1).mean()
    mean = p.mean(axis=0)
    diversity = -(mean * np.log(mean)).sum()
    scores = validate(outputs(3, labelled=True), target)
    assert scores["entropy"] == pytest.approx(-entropy, rel=1e-4)
    assert scores["diversity"] == pytest.approx(diversity, rel=1e-4)
    assert scores["im"] == pytest.approx(diversity - entropy, rel=1e-4)


def test_scores_are_the_same_each_time():
    """Also where the features are many, and a library might draw something at random without a seed."""
    scores = []
    for state in (1, 2):
        np.random.seed(state)  # noqa: NPY002  # as a library without its own seed uses it
        torch.manual_seed(state)
        pair = (outputs(2, labelled=labelled, count=600) for labelled in (True, False))
        wide = (
            Outputs(
                torch.cat([o.features, torch.randn(600, 800, generator=torch.Generator().manual_seed(0))], dim=1),
                o.logits,
                o.labels,
            )
            for o in pair
        )
        scores.append(validate(*wide))
    np.testing.assert_equal(scores[0], scores[1])  # DEV has no value where the domains are told apart too well


def test_no_validator_needs_target_labels_and_source_accuracy_ignores_the_target():
    source = outputs(3, labelled=True)
    first, second = (validate(source, outputs(s, labelled=False))["source_accuracy"] for s in (0.1, 9))
    assert first == second == 1


def test_dev_of_equal_domains_is_the_mean_loss():
    """With a density ratio of one everywhere, reweighting changes nothing (up to what the regression overfits)."""
    source = outputs(3, labelled=True, count=2000)
    target = outputs(3, labelled=False, seed=1, count=2000)
    loss = torch.nn.functional.cross_entropy(source.logits, source.labels).item()
    assert deep_embedded_validation(source, target) == pytest.approx(-loss, rel=0.05)


TABLE = pd.DataFrame(
    {"epoch": [1, 2, 3]} | {name: [0.1, 0.5, 0.2] for name in VALIDATORS} | {"target_test_accuracy": [0.3, 0.8, 0.6]}
)


def test_the_choice_is_the_last_epoch_or_the_best_score():
    assert choose(TABLE, "last") == 3
    assert choose(TABLE, "im") == 2
    assert choose(TABLE.assign(im=1.0), "im") == 3
    with pytest.raises(ValueError, match="no validator 'imm'"):
        choose(TABLE, "imm")
    with pytest.raises(ValueError, match="no finite score"):
        choose(TABLE.assign(snd=np.nan), "snd")


def test_assessment_shows_each_pick_beside_the_oracle():
    found = assess_validators(TABLE.assign(bnm=[3.0, 1, 2], snd=1.0))
    assert found["last"] == {"epoch": 3, "target_test_accuracy": 0.6, "rank_correlation": None}
    assert found["oracle"]["epoch"] == 2
    assert found["im"] == {"epoch": 2, "target_test_accuracy": 0.8, "rank_correlation": pytest.approx(1)}
    assert found["bnm"]["epoch"] == 1
    assert found["bnm"]["rank_correlation"] == pytest.approx(-1)
    assert found["snd"]["rank_correlation"] is None
