"""Custom resources: what their definitions say, read as the API server reads it.

`definitions` finds the CustomResourceDefinition or JSON schema of a kind (in the input, or at a `locations`),
`structural` makes a strict JSON schema of it, `instances` fills in defaults and finds what no JSON schema says,
`rules` evaluates the rules in CEL.
"""
