"""The data of the two domains: raw files, the embedded sample, MNIST-M blending, splits. No Kedro here."""
