"""Rulings that no row of the conformance table shows, because they are the compiler's: which tests hold them.

A place is a file and what stands in it: a test, or a row of `tests/keys`, which shows what a key becomes and a
mistake in it; or a folder of `tests/cases/errors` and what its `expect.txt` says.
"""

from __future__ import annotations

from collections.abc import Mapping

_KEYS = "tests/keys"
_CASES = "tests/cases/errors"
_LATER = f"{_CASES}/not-supported-yet"

CONTRADICTIONS: Mapping[str, str] = {
    "C03": "tests/yamlio/test_reader.py::test_plain_scalars_have_the_core_schemas_types",
    "C06": f"{_CASES}/names-collide::FH2401",
    "C07": f"{_CASES}/templates::FH2005",
    "C08": "tests/resolve/test_imports.py::test_a_workflow_is_one_for_all_services_it_is_given",
    "C09": "tests/report/test_report.py::test_secrets_are_masked_in_every_format",
    "C11": f"{_LATER}::`event` is not supported yet",
    "C12": "tests/resolve/test_certainty.py::test_success_is_certain_or_the_weak_need_is_named",
    "C15": "tests/runs/test_state.py::test_the_state_is_the_story",
    "C16": "tests/check/test_accept.py::test_accept",
    "C17": "tests/check/test_credentials.py::test_headers_of_calls_are_looked_at",
    "C19": "tests/keys/services.py::slo.metric.requests",
    "C20": "tests/hostile/test_paths.py::test_a_link_that_leads_out_of_the_root_is_refused",
    "C22": "tests/lower/test_charts.py::test_long_release_names_fit",
    "C27": f"{_CASES}/alias-bomb::FH0006",
    "C28": "tests/spec/test_parser.py::test_keys_for_anchors_are_left_out",
    "C30": "tests/resolve/test_resolver.py::test_defaults_for_containers_pass_over_calls_in_silence",
    "C33": "tests/lower/test_services.py::test_init_containers_wait_first",
    "C34": "tests/cli/test_dependencies.py::test_what_is_not_there_is_not_checked_and_said",
}

MEANING_OF_A_RUN: Mapping[str, str] = {
    "M18": f"{_LATER}::`cache` is not supported yet",
    "M26": "tests/spec/test_parser.py::test_needs_has_three_forms",
    "M29": f"{_LATER}::`argo` is not supported yet",
    "M32": "tests/runtime/test_runner_trouble.py::test_a_run_from_before_an_upgrade_does_not_mix_versions",
}

EXPRESSIONS: Mapping[str, str] = {
    "X01": f"{_CASES}/expression-where-none::FH1009",
    "X07": f"{_CASES}/expression-syntax::FH1013",
    "X17": f"{_CASES}/expression-names::FH2214",
    "X18": "tests/resolve/test_constants.py::test_anything_else_is_a_mistake",
}

LANGUAGE: Mapping[str, str] = {
    "L01": f"{_CASES}/bad-names::FH1004",
    "L02": "tests/spec/test_parser.py::test_values_that_look_like_numbers_are_text_where_text_belongs",
    "L06": "tests/spec/test_parser.py::test_durations_are_exact",
    "L07": f"{_CASES}/missing-keys::FH1003",
    "L08": f"{_CASES}/imports::FH2114",
    "L09": "tests/resolve/test_resolver.py::"
    "test_defaults_lie_under_templates_and_templates_under_the_services_own_keys",
    "L11": f"{_CASES}/bad-formats::FH1005",
    "L12": "tests/validate/test_policy.py::test_tags_and_digests",
    "L13": "tests/lower/test_services.py::test_load_decides_how_many_pods_there_are",
    "L14": f"{_CASES}/ports::FH2434",
    "L15": f"{_CASES}/files-form::FH1008",
    "L16": "tests/spec/test_parser.py::test_words_of_other_tools_lead_to_keys_of_ours",
    "L17": "tests/check/test_credentials.py::test_what_is_no_secret_is_left_alone",
    "L18": f"{_CASES}/kinds::FH2431",
    "L19": f"{_CASES}/second-document::FH0008",
    "L20": f"{_CASES}/kinds::FH2433",
    "L21": f"{_CASES}/same-host-twice::FH2441",
    "L22": "tests/lower/test_services.py::test_a_host_inside_the_cluster_is_reached_where_it_is",
    "L23": "tests/lower/test_routes.py::test_each_way_in_is_a_route",
    "L24": f"{_KEYS}/services.py::hostname",
    "L25": f"{_KEYS}/pods.py::security.user",
    "L26": "tests/cli/test_compile.py::test_what_the_cluster_must_have_is_said",
    "L27": "tests/properties/test_specs.py::test_the_order_of_keys_means_nothing",
    "L29": "tests/lower/test_variables.py::test_constants_are_values_and_the_rest_is_not",
}

SHAPES: Mapping[str, str] = {
    "S01": f"{_KEYS}/services.py::extends",
    "S05": f"{_LATER}::`grpc` is not supported yet",
    "S08": "tests/lower/test_probes.py::test_the_long_form_is_as_written",
    "S09": f"{_KEYS}/services.py::autoscale.metric[].target",
    "S10": f"{_KEYS}/services.py::alerts.*.runbook",
    "S11": f"{_LATER}::`traffic` is not supported yet",
    "S12": f"{_CASES}/unsafe-security::FH1003",
    "S13": f"{_KEYS}/pods.py::placement.spread",
    "S14": f"{_CASES}/depends-on-cycle::FH2453",
    "S15": "tests/lower/test_services.py::test_a_sidecar_starts_before_the_service_and_ends_after_it",
    "S16": "tests/lower/test_patches.py::test_a_patch_does_what_kubectl_does",
    "S19": "tests/lower/engines/test_task_kinds.py::test_headers_out_of_secrets_reach_the_pod_that_sends_them",
    "S20": f"{_KEYS}/services.py::expose[].via",
    "S21": f"{_CASES}/monitoring-form::FH1006",
    "S22": f"{_KEYS}/services.py::storage.*.access",
    "S24": f"{_CASES}/reuse-form::FH1008",
    "S25": f"{_KEYS}/tasks.py::services",
    "S26": "tests/resolve/test_resolver.py::"
    "test_a_task_that_runs_as_a_service_takes_what_belongs_to_it_and_its_own_keys_win",
}

FINDINGS: Mapping[str, str] = {
    "D01": f"{_CASES}/one-cause-of-words::FH1001",
    "D02": f"{_CASES}/imports::FH4001",
    "D03": f"{_CASES}/one-cause::FH2005",
    "D04": "tests/yamlio/test_reader.py::test_all_duplicate_keys_are_reported_at_once",
    "D05": "tests/cli/test_compile.py::test_warnings_alone_write_the_chart",
    "D06": "tests/test_catalog.py::test_every_code_is_in_one_part_of_the_page",
}

ELSEWHERE: Mapping[str, str] = {
    **CONTRADICTIONS,
    **MEANING_OF_A_RUN,
    **EXPRESSIONS,
    **LANGUAGE,
    **SHAPES,
    **FINDINGS,
}
