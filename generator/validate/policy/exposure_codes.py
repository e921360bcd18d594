"""Policy, FH44: what can be reached, and from where. The severity is that of `standard`."""

from generator.diagnostics import Code, Severity

LOAD_BALANCER = Code(
    "FH4401",
    "Service that is open to everybody",
    "A load balancer takes connections from wherever it can be reached; loadBalancerSourceRanges says from where it "
    "should.",
    wrong="kind: Service\nspec: {type: LoadBalancer}\n",
    right="kind: Service\nspec: {type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]}\n",
    source="kube-linter exposed-services",
    severity=Severity.INFO,
)
NODE_PORT = Code(
    "FH4402",
    "Service on a port of every node",
    "Whoever reaches any node reaches it, past the Ingress, its TLS and its access log.",
    wrong="kind: Service\nspec: {type: NodePort}\n",
    right="kind: Service\nspec: {type: ClusterIP}\n",
    source="kube-score service-type, kube-linter exposed-services",
    severity=Severity.INFO,
)
EXTERNAL_IPS = Code(
    "FH4403",
    "Service with externalIPs",
    "It takes what is meant for these addresses, whosesoever they are: others' traffic can be intercepted so.",
    wrong="kind: Service\nspec: {externalIPs: [192.0.2.7]}\n",
    right="kind: Service\nspec: {type: ClusterIP}\n",
    source="CVE-2020-8554",
    severity=Severity.WARNING,
)
NO_TLS = Code(
    "FH4404",
    "Ingress without TLS",
    "Whoever is on the way reads and changes what is sent.",
    wrong="kind: Ingress\nspec: {tls: null}\n",
    right="kind: Ingress\nspec: {tls: [{hosts: [shop.example.com], secretName: tls}]}\n",
    source="polaris tlsSettingsMissing",
    severity=Severity.INFO,
)
SNIPPET = Code(
    "FH4405",
    "configuration of nginx in an annotation",
    "Snippets run in the Ingress controller, which has the keys of all sites; most controllers refuse them.",
    wrong="kind: Ingress\nmetadata: {annotations: {nginx.ingress.kubernetes.io/configuration-snippet: "
    "'more_headers'}}\n",
    right="kind: Ingress\nmetadata: {annotations: {nginx.ingress.kubernetes.io/ssl-redirect: 'true'}}\n",
    source="CKV_K8S_152, CKV_K8S_153, CKV_K8S_154; CVE-2021-25742",
    severity=Severity.WARNING,
)
EVERY_HOST = Code(
    "FH4406",
    "Ingress for every host",
    "A rule without a host answers for all names that lead to the controller, and hides the mistakes of others.",
    wrong="kind: Ingress\nspec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, "
    "port: "
    "{name: http}}}}]}}]}\n",
    right="kind: Ingress\nspec: {rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix, backend: "
    "{service: {name: web, port: {name: http}}}}]}}]}\n",
    severity=Severity.INFO,
)
SSH = Code(
    "FH4407",
    "SSH in a container",
    "A second way in, with keys of its own, past the cluster's access control; `kubectl exec` does the same within it.",
    wrong="ports: [{name: http, containerPort: 8080}, {containerPort: 22}]\n",
    right="ports: [{name: http, containerPort: 8080}]\n",
    source="kube-linter ssh-port",
    severity=Severity.WARNING,
)
LOW_PORT = Code(
    "FH4408",
    "port below 1024",
    "Outside of newer clusters only root, or a capability, may listen there; a Service can still show 80 to others.",
    wrong="ports: [{name: http, containerPort: 80}]\n",
    right="ports: [{name: http, containerPort: 8080}]\n",
    source="kube-linter privileged-ports",
    severity=Severity.INFO,
)
NO_POLICY = Code(
    "FH4410",
    "pods that no NetworkPolicy protects",
    "Every pod of the cluster may talk to them: whoever has broken into one goes on from there.",
    wrong="kind: NetworkPolicy\nspec: {podSelector: {matchLabels: {app: other}}}\n",
    right="kind: NetworkPolicy\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress, Egress]}\n",
    source="kube-linter non-isolated-pod, kube-score pod-networkpolicy, polaris missingNetworkPolicy, CKV2_K8S_6",
    severity=Severity.INFO,
)
ONE_WAY = Code(
    "FH4411",
    "pods that a NetworkPolicy protects in one direction only",
    "Without a policy for egress whoever has broken in may send what they find anywhere; without one for ingress all "
    "may come.",
    wrong="kind: NetworkPolicy\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], egress: null}\n",
    right="kind: NetworkPolicy\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress, Egress]}\n",
    source="kube-score pod-networkpolicy, polaris missingNetworkPolicy",
    severity=Severity.INFO,
)
ALLOWS_ALL = Code(
    "FH4412",
    "NetworkPolicy that allows everything",
    "An empty rule matches all: the policy looks like protection and is none.",
    wrong="kind: NetworkPolicy\nspec: {ingress: [{}]}\n",
    right="kind: NetworkPolicy\nspec: {ingress: [{from: [{podSelector: {}}]}]}\n",
    source="Kubernetes, Network Policies",
    severity=Severity.INFO,
)

CODES = tuple(code for code in tuple(vars().values()) if isinstance(code, Code))
