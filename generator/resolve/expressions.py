"""Stage resolve: types of expressions.

Input: trees, and the :class:`Scope` they stand in. Output: their types; mistakes (FH221x) go to the sink. What is wrong
has the type dynamic, which fits everywhere, so that one mistake gives one finding (rulings D03, X04 to X15).
"""

from __future__ import annotations

from generator.diagnostics import Code, Diagnostics, Span
from generator.resolve.expression_codes import NULL_VALUE, PATTERN, TYPE, UNKNOWN
from generator.resolve.patterns import pattern_mistake
from generator.resolve.scope import STATUSES, Scope
from generator.resolve.types import (
    BOOLEAN,
    DYNAMIC,
    INTEGER,
    NULL,
    OBJECT,
    SERVICE,
    STRING,
    Type,
    accepts,
    common,
    item_type,
    list_of,
    type_of,
)
from generator.spec.expression import (
    Binary,
    Conditional,
    Expression,
    Field,
    Index,
    Invalid,
    ListLiteral,
    Literal,
    Method,
    Name,
    Text,
    Unary,
)
from generator.spec.suggestions import did_you_mean


def check_expression(expression: Expression, scope: Scope, diagnostics: Diagnostics) -> Type:
    """The type of the expression's value; never null or service, which are none."""
    return _Checker(scope, diagnostics).value(expression)


def check_condition(expression: Expression, scope: Scope, diagnostics: Diagnostics, what: str = "when") -> None:
    """Check an expression that must be boolean; `what` is the key it stands under."""
    _Checker(scope, diagnostics).fits(expression, BOOLEAN, f"`{what}` must be boolean")


def check_text(text: Text, scope: Scope, diagnostics: Diagnostics, wanted: Type | None = None) -> Type:
    """The type of a scalar that may hold expressions.

    `wanted` None: the value becomes text (env, args, command, headers, path; rulings X03). Else a whole expression
    keeps its type, which must fit `wanted`; parts and constants are a string.
    """
    checker = _Checker(scope, diagnostics)
    if wanted is not None and text.expression is not None:
        return checker.fits(text.expression, wanted, f"a {wanted} must stand here")
    for expression in text.expressions:
        checker.value(expression)
    if wanted is not None and not accepts(wanted, STRING):
        diagnostics.add(TYPE, f"a {wanted} must stand here, this is a string", text.span)
    return STRING


class _Checker:
    """Walks one tree from the leaves up."""

    def __init__(self, scope: Scope, diagnostics: Diagnostics) -> None:
        self._scope, self._diagnostics = scope, diagnostics

    def value(self, expression: Expression) -> Type:
        """The type of an expression that must have a value."""
        found = self._type(expression)
        if found == NULL:
            hint = "only a comparison with a field of an object may hold it"
            return self._wrong(NULL_VALUE, "null is no value here", expression.span, hint)
        if found == SERVICE:
            hint = "write .url, .host or .ports.<port> behind it"
            return self._wrong(TYPE, "a service is no value here", expression.span, hint)
        return found

    def fits(self, expression: Expression, wanted: Type, demand: str) -> Type:
        """The type of an expression that must be of type `wanted`."""
        found = self._type(expression) if wanted == SERVICE else self.value(expression)
        if accepts(wanted, found):
            return found
        return self._wrong(TYPE, f"{demand}, this is {_a(found)}", expression.span)

    def _wrong(self, code: Code, message: str, span: Span, hint: str = "") -> Type:
        self._diagnostics.add(code, message, span, hint=hint)
        return DYNAMIC

    def _type(self, expression: Expression) -> Type:
        match expression:
            case Literal(value=value):
                return type_of(value)
            case Name():
                return self._scope.type_of(expression, self._diagnostics)
            case Field():
                return self._field(expression)
            case Index():
                return self._index(expression)
            case ListLiteral(items=items):
                return list_of(item_type([self.value(item) for item in items]))
            case Unary(operand=operand):
                self.fits(operand, BOOLEAN, "`!` takes a boolean")
                return BOOLEAN
            case Binary():
                return self._binary(expression)
            case Conditional():
                return self._conditional(expression)
            case Method():
                return self._method(expression)
            case Invalid():
                return DYNAMIC

    def _field(self, expression: Field) -> Type:
        target = self.value(expression.target)
        if target.is_dynamic or target == OBJECT:
            return DYNAMIC
        hint = "items are read by number: [0]" if target.item is not None else ""
        if expression.name == "size":
            hint = "write .size() with brackets"
        return self._wrong(TYPE, f"{_a(target)} has no field `{expression.name}`", expression.span, hint)

    def _index(self, expression: Index) -> Type:
        if isinstance(expression.target, Name) and expression.target.parts in {("tasks",), ("inputs",), ("services",)}:
            hint = f'write {expression.target.root}.<name> or {expression.target.root}["<name>"]'
            return self._wrong(UNKNOWN, "a name must be written out, not computed", expression.index.span, hint)
        target, index = self.value(expression.target), self.value(expression.index)
        if target.is_dynamic or index.is_dynamic:
            return target.item or DYNAMIC
        if target.item is not None:
            if index == INTEGER:
                return target.item
            return self._wrong(
                TYPE, f"items of a list are read by an integer, this is {_a(index)}", expression.index.span
            )
        if target == OBJECT:
            if index == STRING:
                return DYNAMIC
            return self._wrong(
                TYPE, f"fields of an object are read by a string, this is {_a(index)}", expression.index.span
            )
        return self._wrong(TYPE, f"{_a(target)} has no items", expression.target.span)

    def _binary(self, expression: Binary) -> Type:
        match expression.operator:
            case "&&" | "||":
                for operand in (expression.left, expression.right):
                    self.fits(operand, BOOLEAN, f"`{expression.operator}` takes booleans")
                return BOOLEAN
            case "==" | "!=":
                self._equality(expression)
                return BOOLEAN
            case "in":
                self._membership(expression)
                return BOOLEAN
            case "+":
                return self._sum(expression)
        left, right = self.value(expression.left), self.value(expression.right)
        ordered = all(side.is_dynamic or side.is_numeric or side == STRING for side in (left, right))
        if not ordered or common(left, right) is None:
            hint = "numbers are compared with numbers, strings with strings"
            self._mismatch(expression, left, right, hint)
        return BOOLEAN

    def _mismatch(self, expression: Binary, left: Type, right: Type, hint: str = "") -> Type:
        message = f"`{expression.operator}` cannot take {_a(left)} and {_a(right)}"
        return self._wrong(TYPE, message, expression.span, hint)

    def _equality(self, expression: Binary) -> None:
        left, right = self._type(expression.left), self._type(expression.right)
        if NULL in {left, right}:
            other = right if left == NULL else left
            if not other.is_dynamic:
                hint = "inputs and outputs are never null; only fields of objects can be"
                self._wrong(NULL_VALUE, f"{_a(other)} is never null", expression.span, hint)
        elif common(left, right) is None:
            self._mismatch(expression, left, right, "both sides of a comparison must have one type")
        else:
            self._status(expression.left, expression.right)
            self._status(expression.right, expression.left)

    def _status(self, name: Expression, compared: Expression) -> None:
        """A status that no task can have: a condition that is always false."""
        if not isinstance(name, Name) or name.parts[-1] != "status" or name.root not in {"tasks", "run"}:
            return
        if isinstance(compared, Literal) and isinstance(compared.value, str) and compared.value not in STATUSES:
            meant = did_you_mean(compared.value, STATUSES)
            hint = f"did you mean '{meant}'?" if meant else f"a status is {', '.join(STATUSES)}"
            self._wrong(TYPE, f"`{name}` is never '{compared.value}'", compared.span, hint)

    def _membership(self, expression: Binary) -> None:
        left, right = self.value(expression.left), self.value(expression.right)
        if right.is_dynamic or (right == OBJECT and accepts(STRING, left)):
            return
        if right.item is None:
            hint = "write text.contains(part)" if right == STRING else "`in` looks into a list or the keys of an object"
            self._mismatch(expression, left, right, hint)
        elif common(left, right.item) is None:
            self._mismatch(expression, left, right, f"no item can be {_a(left)}")

    def _sum(self, expression: Binary) -> Type:
        left, right = self.value(expression.left), self.value(expression.right)
        if left.is_dynamic and right.is_dynamic:
            return DYNAMIC
        joined = common(left, right)
        known = right if left.is_dynamic else left
        if joined is None or not (known.is_numeric or known == STRING or known.item is not None):
            hint = "a value inside a text becomes text: write ${{ … }} in it" if STRING in {left, right} else ""
            return self._mismatch(expression, left, right, hint)
        return joined if not joined.is_dynamic or known.is_numeric else known

    def _conditional(self, expression: Conditional) -> Type:
        self.fits(expression.condition, BOOLEAN, "the condition of `? :` must be boolean")
        then, otherwise = self.value(expression.then), self.value(expression.otherwise)
        found = common(then, otherwise)
        if found is None:
            message = f"both values of `? :` must have one type, these are {_a(then)} and {_a(otherwise)}"
            return self._wrong(TYPE, message, expression.span)
        return found

    def _method(self, expression: Method) -> Type:
        target = self.value(expression.target)
        if expression.name == "size":
            if target.name not in {"string", "list", "object", "dynamic"}:
                self._wrong(TYPE, f"{_a(target)} has no size", expression.target.span)
            return INTEGER
        if not accepts(STRING, target):
            hint = "write value in list" if expression.name == "contains" and target.item is not None else ""
            message = f"{expression.name}() is a method of strings, this is {_a(target)}"
            self._wrong(TYPE, message, expression.target.span, hint)
        (argument,) = expression.arguments
        if expression.name == "matches":
            self._pattern(argument)
        else:
            self.fits(argument, STRING, f"{expression.name}() takes a string")
        return BOOLEAN

    def _pattern(self, argument: Expression) -> None:
        if isinstance(argument, Literal) and isinstance(argument.value, str):
            problem = pattern_mistake(argument.value)
            if problem:
                self._wrong(PATTERN, f"the pattern cannot be used: {problem}", argument.span)
        elif not isinstance(argument, Invalid):
            self._wrong(PATTERN, "the pattern of matches() must be a literal string", argument.span)


def _a(found: Type) -> str:
    """The type with its article."""
    if found.is_dynamic:
        return "a value known at run time"
    if found == NULL:
        return "null"
    return f"{'an' if found.name[0] in 'aeiou' else 'a'} {found}"
