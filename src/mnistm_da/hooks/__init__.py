"""The hooks around a run, one a file.

Nothing that they do while nodes run is needed for a correct result: the ParallelRunner's workers may run without hooks.
"""
