"""Project settings; https://docs.kedro.org/en/stable/configure/configuration_basics/."""

from mnistm_da.hooks import CheckBeforeRun, SummariseRun

HOOKS = (CheckBeforeRun(), SummariseRun())

CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local"}
