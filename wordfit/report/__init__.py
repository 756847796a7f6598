"""One self-contained HTML page of a run, a diagnosis, a suite or a comparison."""

from wordfit.report.comparison import write_comparison_report
from wordfit.report.doctor import write_doctor_report
from wordfit.report.place import write_place_report
from wordfit.report.run import write_run_report
from wordfit.report.suite import write_suite_report

__all__ = [
    "write_comparison_report",
    "write_doctor_report",
    "write_place_report",
    "write_run_report",
    "write_suite_report",
]
