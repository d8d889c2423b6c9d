"""Libraries that not everybody needs: `pip install 'mnistm-da[viz]'` installs those of the extra ``viz``."""

from importlib.util import find_spec

from mnistm_da.errors import UserError

EXTRAS = {
    "cluster": ("dask", "distributed"),
    "export": ("onnx", "onnxruntime", "onnxscript"),
    "s3": ("s3fs",),
    "statistics": ("scikit_posthocs",),
    "tracking": ("mlflow",),
    "tune": ("optuna",),
    "viz": ("kedro_viz", "fastapi", "uvicorn"),
}
"""The modules that the commands need of each extra in pyproject.toml."""


def check_extra(extra: str, what: str) -> None:
    """Refuse what needs the libraries of an extra where one of them is not installed.

    Args:
        extra: its name.
        what: needs them, for the message.

    Raises:
        UserError: names the libraries, and the command that installs them.
    """
    missing = [module for module in EXTRAS[extra] if find_spec(module) is None]
    if missing:
        raise UserError(f"{what} needs {', '.join(missing)}: {install(extra)}")


def install(extra: str) -> str:
    """Give the command that installs an extra; pip asks no index for the package itself, since that is installed."""
    return f"pip install 'mnistm-da[{extra}]'"
