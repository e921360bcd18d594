"""What can run the workflows of a chart; a spec names one under `engine:`."""

from generator.lower.engines.jobs import Jobs

ENGINES = (Jobs(),)
