"""One self-contained HTML page of a run, a diagnosis, a suite or a comparison."""

from wordfit.report.run import write_run_report

__all__ = ["write_run_report"]
