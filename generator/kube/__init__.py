"""What Kubernetes means by the words it uses: names, quantities, durations, schedules, lists, defaults."""
