"""What is wrong with a system as a whole: rules that look across services, workflows and environments."""
