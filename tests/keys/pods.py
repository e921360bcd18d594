"""What the pods of services and tasks share: the user and hardening, the account, the nodes."""

from tests.keys.rows import Row


# fmt: off
def _deviation(name: str, value: str, at: str, seen: object, is_map: bool = False) -> tuple[Row, ...]:
    says = f"security: {{{name}: {{value: {value}, reason: it must}}}}"
    # A mapping that lacks the reason around it is one mistake, at its first key.
    bare = f"{{→{value[1:]}" if is_map else f"→{value}"
    return (
        Row(f"security.{name}", says, at, seen, f"security: {{{name}: {bare}}}", "FH1002"),
        Row(f"security.{name}.value", says, at, seen, f"security: {{→{name}: {{reason: it must}}}}", "FH1003",
            other="security: {}"),
    )


SECURITY = (
    Row("security", "security: {user: 12345}", "pod securityContext.runAsUser", 12345, "security: →root", "FH1002"),
    Row("security.user", "security: {user: 999}", "pod securityContext.runAsGroup", 999, "security: {user: →0}",
        "FH1006"),
    Row("security.group", "security: {group: 998}", "pod securityContext.runAsGroup", 998, "security: {group: →-1}",
        "FH1006"),
    *_deviation("readOnlyRootFilesystem", "false", "container securityContext.readOnlyRootFilesystem", False),
    *_deviation("runAsNonRoot", "false", "pod securityContext.runAsNonRoot", False),
    *_deviation("runAsUser", "0", "pod securityContext.runAsUser", 0),
    *_deviation("allowPrivilegeEscalation", "true", "container securityContext.allowPrivilegeEscalation", True),
    *_deviation("privileged", "true", "container securityContext.privileged", True),
    Row("security.privileged", "security: {privileged: {value: true, reason: it must}}",
        "container securityContext.allowPrivilegeEscalation", True, "security: {privileged: →[]}", "FH1002"),
    *_deviation("capabilities", "{add: [NET_BIND_SERVICE]}", "container securityContext.capabilities.add",
                ["NET_BIND_SERVICE"], is_map=True),
    *_deviation("seccompProfile", "{type: Unconfined}", "pod securityContext.seccompProfile.type", "Unconfined",
                is_map=True),
)
PLACEMENT = (
    Row("placement", "placement: {nodeSelector: {a: b}}", "pod nodeSelector", {"a": "b"}, "placement: →zone-a",
        "FH1002"),
    Row("placement.nodeSelector", "placement: {nodeSelector: {x/y: 'true'}}", "pod nodeSelector[x/y]", "true",
        "placement: {nodeSelector: {a: →b c}}", "FH1005"),
    Row("placement.tolerations", "placement: {tolerations: [{operator: Exists}]}", "pod tolerations",
        [{"operator": "Exists"}], "placement: {tolerations: →{}}", "FH1002"),
    Row("placement.tolerations[].key", "placement: {tolerations: [{key: a/b, operator: Exists}]}",
        "pod tolerations[0].key", "a/b", "placement: {tolerations: [{key: →a b}]}", "FH1005"),
    Row("placement.tolerations[].operator", "placement: {tolerations: [{key: a, operator: Exists}]}",
        "pod tolerations[0].operator", "Exists", "placement: {tolerations: [{operator: →Any}]}", "FH1007"),
    Row("placement.tolerations[].value", "placement: {tolerations: [{key: a, value: 1}]}", "pod tolerations[0].value",
        "1", "placement: {tolerations: [{key: a, value: →'a b'}]}", "FH1005"),
    Row("placement.tolerations[].effect", "placement: {tolerations: [{key: a, effect: NoExecute}]}",
        "pod tolerations[0].effect", "NoExecute", "placement: {tolerations: [{key: a, effect: →Evict}]}", "FH1007"),
    Row("placement.priority", "placement: {priority: system-node-critical}", "pod priorityClassName",
        "system-node-critical", "placement: {priority: →10 first}", "FH1005"),
)
SPREAD = (
    Row("placement.spread", "placement: {spread: node}", "pod topologySpreadConstraints[0].topologyKey",
        "kubernetes.io/hostname", "placement: {spread: →rack}", "FH1007"),
)
# fmt: on


def reasons(kind: str) -> tuple[Row, ...]:
    """The reason of each deviation, which stands in an annotation of the workload."""
    found = []
    for key, value, check in (
        ("readOnlyRootFilesystem", "false", "no-read-only-root-fs"),
        ("runAsNonRoot", "false", "run-as-non-root"),
        ("runAsUser", "0", "run-as-non-root"),
        ("allowPrivilegeEscalation", "true", "privilege-escalation-container"),
        ("privileged", "true", "privileged-container"),
        ("capabilities", "{add: [CHOWN]}", "drop-net-raw-capability"),
    ):
        found.append(
            _reason(key, value, f"{kind} metadata.annotations[ignore-check.kube-linter.io/{check}]", "it's 1e3")
        )
    at = f"{kind} metadata.annotations[checkov.io/skip1]"
    return (*found, _reason("seccompProfile", "{type: Unconfined}", at, "CKV_K8S_31=it's 1e3"))


def _reason(key: str, value: str, at: str, seen: str) -> Row:
    return Row(
        f"security.{key}.reason",
        f'security: {{{key}: {{value: {value}, reason: "it\'s 1e3"}}}}',
        at,
        seen,
        f"security: {{→{key}: {{value: {value}}}}}",
        "FH1003",
        other=f"security: {{{key}: {{value: {value}, reason: for now}}}}",
    )


def account(suffix: str) -> tuple[Row, ...]:
    """The ServiceAccount of a service or task."""
    rule = "{apiGroups: [''], resources: [pods], verbs: [get]}"
    # fmt: off
    return (
        Row("account", "account: {annotations: {a/b: 'on'}}", f"ServiceAccount{suffix} metadata.annotations",
            {"a/b": "on"},
            "account: →me", "FH1002"),
        Row("account.annotations", "account: {annotations: {a/b: 12}}",
            f"ServiceAccount{suffix} metadata.annotations[a/b]",
            "12", "account: {annotations: {→/b: c}}", "FH1004"),
        Row("account.rules", f"account: {{rules: [{rule}]}}", f"Role{suffix} rules[0].resources", ["pods"],
            "account: {rules: [→pods]}", "FH1002"),
    )
    # fmt: on
