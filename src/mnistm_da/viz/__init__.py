"""The project in kedro-viz: what a click on a node shows, what the Workflow view tells, `make viz` and `make site`."""
