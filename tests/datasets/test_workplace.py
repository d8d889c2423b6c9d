"""By what another process finds the catalog of a run."""

import json
from types import SimpleNamespace

from kedro.io import DataCatalog

from mnistm_da.datasets.workplace import WorkplaceDataset


def test_what_is_of_the_machine_that_asks_is_not_sent(tmp_path):
    """Its certificates need not lie on a worker, and its password for MLflow is nobody else's."""
    of_client = {"launcher": {"name": "dask", "tls_ca": "ca.pem"}, "tracking.uri": "http://ann:secret@there"}
    said = {"seed": 3, "mmd": {"weight": 2.0}}
    loader = SimpleNamespace(conf_source=str(tmp_path / "conf"), runtime_params=of_client | said)
    dataset = WorkplaceDataset(data=())
    dataset.bind(DataCatalog(), SimpleNamespace(env="sample", project_path=tmp_path, config_loader=loader))
    place = dataset.load()
    assert (place.env, place.conf_source, json.loads(place.said)) == ("sample", "conf", said)
