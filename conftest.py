"""What every test of the workspace may use; see volley_tools.pytest_stack."""

pytest_plugins = ["volley_tools.pytest_stack"]
