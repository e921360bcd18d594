"""flowhelm: one YAML spec of services and workflows, compiled into one Helm chart."""

__version__ = "0.1.0"
