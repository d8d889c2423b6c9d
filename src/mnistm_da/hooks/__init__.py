"""What happens around a run, one hook a file.

Nothing here is needed for a correct result: workers of the ParallelRunner may run without hooks.
"""
