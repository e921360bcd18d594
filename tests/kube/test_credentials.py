"""Texts of the known forms of credentials are found by the mark that is looked for first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.kube.credentials import _FORMS, credential_form


@pytest.mark.parametrize("form", range(len(_FORMS)))
def test_the_mark_stands_in_every_text_of_its_form(form: int) -> None:
    words, mark, expression = _FORMS[form]

    @given(st.from_regex(expression.pattern, fullmatch=True))
    def holds(text: str) -> None:
        assert mark in text
        assert credential_form(text), words

    holds()
