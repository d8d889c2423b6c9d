"""The networks that algorithms are built from: an architecture a file, and the heads on top of its features.

`registry` names the architectures. Nothing is imported here, so that their names are known without torch.
"""
