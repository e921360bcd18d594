"""What every container can say: its image, words, variables, files, ports, resources and probes.

The fields are `container …` in the container itself, `pod …` in the pod around it.
"""

from tests.keys.rows import Row

DIGEST = "sha256:" + "0123456789abcdef" * 4

# fmt: off
IMAGE = (
    Row("image", "image: registry.example.com/web:1.2", "container image", "registry.example.com/web:1.2",
        "image: →Web:1", "FH1005", other="image: x/y:1", note="short form"),
    Row("image", "image: {repository: shop/web, tag: '2'}", "container image", "shop/web:2", "image: →[]", "FH1002",
        other="image: x/y:1"),
    Row("image.repository", "image: {repository: shop/cart, tag: '1'}", "container image", "shop/cart:1",
        "image: {repository: →'shop/cart:1'}", "FH1005", other="image: {repository: shop/web, tag: '1'}"),
    Row("image.tag", "image: {repository: shop/web, tag: 0755}", "container image", "shop/web:0755",
        "image: {repository: a, tag: →'1:2'}", "FH1005"),
    Row("image.digest", f"image: {{repository: shop/web, digest: '{DIGEST}'}}", "container image", f"shop/web@{DIGEST}",
        "image: {repository: a, digest: →sha256:12}", "FH1005"),
    Row("image.pullPolicy", "image: {repository: a, tag: b, pullPolicy: Always}", "container imagePullPolicy", "Always",
        "image: {repository: a, tag: b, pullPolicy: →always}", "FH1007"),
)
WORDS = (
    Row("command", "command: [sh, -c, 'echo $(X) {{ x }}']", "container command", ["sh", "-c", "echo $$(X) {{ x }}"],
        "command: →sh", "FH1002"),
    Row("args", "args: [1e3, 'on', true, '']", "container args", ["1e3", "on", "true", ""], "args: [→~]", "FH1002"),
)
ENV = (
    Row("env", "env: {A: 1e3}", "container env[A].value", "1e3", "env: {→1A: x}", "FH1004", note="a number as written"),
    Row("env", "env: {A: '$(B) {{ c }} \"é\"'}", "container env[A].value", '$$(B) {{ c }} "é"', "env: {A: →[]}",
        "FH1002", note="nothing is expanded"),
    Row("env.*.secret", "env: {A: {secret: vault, key: k}}", "container env[A].valueFrom.secretKeyRef.name", "vault",
        "env: {A: {secret: →Vault, key: k}}", "FH1005", other="env: {A: {config: vault, key: k}}"),
    Row("env.*.config", "env: {A: {config: settings, key: k}}", "container env[A].valueFrom.configMapKeyRef.name",
        "settings", "env: {A: {config: →'', key: k}}", "FH1005", other="env: {A: {secret: settings, key: k}}"),
    Row("env.*.key", "env: {A: {secret: vault, key: k}}", "container env[A].valueFrom.secretKeyRef.key", "k",
        "env: {A: {secret: vault, key: →a b}}", "FH1005", other="env: {A: {secret: vault, key: other}}"),
    Row("env.*.optional", "env: {A: {secret: vault, key: k, optional: true}}",
        "container env[A].valueFrom.secretKeyRef.optional", True,
        "env: {A: {secret: vault, key: k, optional: →'yes'}}", "FH1002"),
)
ENV_FROM = (
    Row("envFrom", "envFrom: [{secret: vault}]", "container envFrom", [{"secretRef": {"name": "vault"}}],
        "envFrom: →{secret: vault}", "FH1002"),
    Row("envFrom[].secret", "envFrom: [{secret: vault}]", "container envFrom[0].secretRef.name", "vault",
        "envFrom: [{secret: →a_b}]", "FH1005", other="envFrom: [{config: vault}]"),
    Row("envFrom[].config", "envFrom: [{config: settings}]", "container envFrom[0].configMapRef.name", "settings",
        "envFrom: [{secret: a, →config: b}]", "FH1008", other="envFrom: [{secret: settings}]"),
    Row("envFrom[].prefix", "envFrom: [{secret: vault, prefix: A_}]", "container envFrom[0].prefix", "A_",
        "envFrom: [{secret: vault, prefix: →[]}]", "FH1002"),
    Row("envFrom[].optional", "envFrom: [{config: settings, optional: true}]",
        "container envFrom[0].configMapRef.optional", True, "envFrom: [{config: a, optional: →1}]", "FH1002"),
)
FILES = (
    Row("files", "files: {/etc/a: {content: x}}", "container volumeMounts[/etc/a].readOnly", True,
        "files: {→etc/a: {content: x}}", "FH1005"),
    Row("files.*.content", "files: {/etc/a: {content: 'x: {{ y }}'}}", "file a", "x: {{ y }}",
        "files: {/etc/a: {content: →[]}}", "FH1002", other="files: {/etc/a: {content: ''}}"),
    Row("files.*.from", "files: {/etc/a: {from: beside.txt}}", "file a", "beside\n",
        "files: {/etc/a: {from: →missing.txt}}", "FH0101", other="files: {/etc/a: {content: ''}}"),
    Row("files.*.secret", "files: {/etc/a: {secret: vault}}", "pod volumes[secret-vault].secret.secretName", "vault",
        "files: {/etc/a: {secret: →A}}", "FH1005", other="files: {/etc/a: {config: vault}}"),
    Row("files.*.config", "files: {/etc/a: {config: c}}", "pod volumes[config-c].configMap.name", "c",
        "files: {/etc/a: {content: x, →config: c}}", "FH1008", other="files: {/etc/a: {secret: c}}"),
    Row("files.*.key", "files: {/etc/a: {secret: vault, key: k}}", "container volumeMounts[/etc/a].subPath", "k",
        "files: {/etc/a: {secret: vault, key: →a/b}}", "FH1005"),
    Row("files.*.mode", "files: {/etc/a: {content: x, mode: '0640'}}",
        "pod volumes[files-0640].configMap.defaultMode", 0o640,
        "files: {/etc/a: {content: x, mode: →rw}}", "FH1005"),
)
PORTS = (
    Row("ports", "ports: {web: 80}", "container ports", [{"name": "web", "containerPort": 80, "protocol": "TCP"}],
        "ports: {→Web: 80}", "FH1004", note="short form"),
    Row("ports", "ports: {web: 0x50}", "container ports[web].containerPort", 80, "ports: {web: →0}", "FH1006"),
    Row("ports.*.port", "ports: {web: {port: 81}}", "container ports[web].containerPort", 81,
        "ports: {web: {port: →'81'}}", "FH1002", other="ports: {web: {port: 82}}"),
    Row("ports.*.target", "ports: {web: {port: 80, target: 8080}}", "container ports[web].containerPort", 8080,
        "ports: {web: {port: 80, target: →70000}}", "FH1006"),
    Row("ports.*.protocol", "ports: {web: {port: 80, protocol: UDP}}", "container ports[web].protocol", "UDP",
        "ports: {web: {port: 80, protocol: →QUIC}}", "FH1007"),
)
RESOURCES = (
    Row("resources", "resources: {cpu: 0.25}", "container resources.requests.cpu", "0.25", "resources: →small",
        "FH1002"),
    Row("resources.cpu", "resources: {cpu: 2}", "container resources.requests.cpu", "2", "resources: {cpu: →2 cores}",
        "FH1005"),
    Row("resources.memory", "resources: {memory: 1e6}", "container resources.limits.memory", "1e6",
        "resources: {memory: →1 GB}", "FH1005"),
    Row("resources.ephemeralStorage", "resources: {ephemeralStorage: 2Gi}",
        "container resources.requests[ephemeral-storage]", "2Gi", "resources: {ephemeralStorage: →-1}", "FH1005"),
    Row("resources.limits", "resources: {limits: {cpu: 2}}", "container resources.limits.cpu", "2",
        "resources: {limits: →[]}", "FH1002"),
    Row("resources.limits.cpu", "resources: {limits: {cpu: 1.5}}", "container resources.limits.cpu", "1.5",
        "resources: {limits: {cpu: →x}}", "FH1005"),
    Row("resources.limits.memory", "resources: {memory: 1Gi, limits: {memory: 2Gi}}",
        "container resources.limits.memory",
        "2Gi", "resources: {limits: {memory: →2GB}}", "FH1005"),
    Row("resources.limits.ephemeralStorage", "resources: {limits: {ephemeralStorage: 4Gi}}",
        "container resources.limits[ephemeral-storage]", "4Gi", "resources: {limits: {→disk: 1}}", "FH1001"),
)
# fmt: on


def health(base: str) -> tuple[Row, ...]:
    """The probes of a container that has what `base` says besides."""
    found = []
    for key, probe in (("startup", "startupProbe"), ("ready", "readinessProbe"), ("live", "livenessProbe")):
        found += _probe(base, f"health.{key}", key, f"container {probe}")
    # fmt: off
    return (
        Row("health", f"health: {{ready: GET /x}}, {base}", "container readinessProbe.httpGet.path", "/x",
            f"health: →GET /x, {base}", "FH1002"),
        *found,
    )
    # fmt: on


def _probe(base: str, key: str, name: str, at: str) -> list[Row]:
    def says(probe: str) -> str:
        return f"health: {{{name}: {probe}}}, {base}"

    # fmt: off
    return [
        Row(key, says("GET /x"), f"{at}.httpGet.path", "/x", says("→POST /x"), "FH1005", note="short form"),
        Row(key, says("{get: /y}"), f"{at}.httpGet.path", "/y", says("→{}"), "FH1008"),
        Row(f"{key}.get", says("{get: /z}"), f"{at}.httpGet.path", "/z", says("{get: →z}"), "FH1005",
            other=says("{tcp: true}")),
        Row(f"{key}.tcp", says("{tcp: true}"), f"{at}.tcpSocket.port", "http", says("{tcp: →x}"), "FH1002",
            other=says("{get: /}")),
        Row(f"{key}.grpc", says("{grpc: x.Health}"), f"{at}.grpc.service", "x.Health", says("{grpc: →[]}"), "FH1002",
            other=says("{get: /}")),
        Row(f"{key}.exec", says("{exec: [test, -e, $(X)]}"), f"{at}.exec.command", ["test", "-e", "$$(X)"],
            says("{exec: →[]}"), "FH1012", other=says("{get: /}")),
        Row(f"{key}.port", says("{get: /, port: other}"), f"{at}.httpGet.port", "other", says("{get: /, port: →no}"),
            "FH2003"),
        Row(f"{key}.period", says("{get: /, period: 7s}"), f"{at}.periodSeconds", 7, says("{get: /, period: →7}"),
            "FH1005"),
        Row(f"{key}.timeout", says("{get: /, timeout: 1m30s}"), f"{at}.timeoutSeconds", 90,
            says("{get: /, timeout: →0s}"), "FH1006"),
        Row(f"{key}.failures", says("{get: /, failures: 9}"), f"{at}.failureThreshold", 9,
            says("{get: /, failures: →0}"), "FH1006"),
        Row(f"{key}.delay", says("{get: /, delay: 11s}"), f"{at}.initialDelaySeconds", 11,
            says("{get: /, delay: →soon}"), "FH1005"),
    ]
    # fmt: on
