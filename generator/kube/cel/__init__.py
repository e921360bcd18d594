"""Expressions of CEL, as the API server compiles them: read, and checked for names and types without being evaluated.

Input: a text, and the types of the names it may use. Output: what is wrong with it.
Source: the CEL language definition (syntax.md, langdef.md); k8s.io/apiserver/pkg/cel.
"""

from generator.kube.cel.syntax import RESERVED, CelError
from generator.kube.cel.types import Type, mistake, type_of

__all__ = ("RESERVED", "CelError", "Type", "mistake", "type_of")
