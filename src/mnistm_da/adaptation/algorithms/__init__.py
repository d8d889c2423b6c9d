"""One small file per algorithm; the registry names them."""

from mnistm_da.adaptation import algorithm  # noqa: F401  # before pytorch-adapt, whose import it keeps quiet
