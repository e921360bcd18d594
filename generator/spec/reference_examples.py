"""A small example of every record of the language, for the reference; a test reads each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EXAMPLES: Final[Mapping[str, str]] = {
    "Spec": """\
flowhelm: v1
name: order
version: 1.0.0
appVersion: "2026.11"
defaults: {resources: {cpu: 50m, memory: 64Mi}}
services:
  reception:
    image: registry.example.com/shop/reception:1.0.0
    ports: {http: 8080}
    calls: [inventory]
  inventory: {image: registry.example.com/shop/inventory:1.3.2, ports: {http: 8080}}
workflows:
  nightly:
    triggers: {schedule: {cron: "0 3 * * *"}}
    tasks:
      count: {call: {service: inventory, post: /counts}}
environments:
  prod: {services: {reception: {replicas: 4}}}""",
    "Maintainer": "{name: Shop platform, email: platform@shop.example}",
    "Monitoring": "{enabled: false}",
    "Service": """\
image: registry.example.com/shop/reception:1.0.0
ports: {http: 8080, metrics: 9090}
env:
  LOG_LEVEL: info
  INVENTORY_URL: ${{ services.inventory.url }}
  DB_PASSWORD: {secret: order-db, key: password}
health: {ready: GET /readyz, live: GET /healthz}
resources: {cpu: 100m, memory: 128Mi}
replicas: 2
autoscale: {max: 10, cpu: 70}
scratch: [/tmp]
expose: {host: shop.example.com, path: /orders, tls: shop-tls}
metrics: {port: metrics}
calls: [db.example.com:5432]""",
    "Image": "{repository: registry.example.com/shop/web, tag: 1.0.0, pullPolicy: Always}",
    "Port": "{port: 80, target: 8080, appProtocol: http}",
    "KeyReference": "{secret: order-db, key: password}",
    "EnvSource": "{config: shop-settings, prefix: SHOP_}",
    "File": '{content: "timeout = 5\\n", mode: "0644"}',
    "Health": "{startup: {get: /readyz, failures: 30, period: 2s}, ready: GET /readyz, live: {tcp: true}}",
    "Probe": "{get: /readyz, port: http, period: 5s, timeout: 2s, failures: 3}",
    "Resources": "{cpu: 100m, memory: 128Mi, limits: {memory: 256Mi}}",
    "Limits": '{cpu: "1", memory: 256Mi}',
    "Autoscale": "{min: 2, max: 10, cpu: 70}",
    "Metric": "{name: http_requests_per_second, target: 100}",
    "Volume": "{path: /var/lib/stock, size: 5Gi, class: fast}",
    "Expose": "{host: shop.example.com, path: /orders, tls: shop-tls}",
    "Gateway": "{name: public, namespace: gateways}",
    "Metrics": "{port: metrics, path: /metrics, interval: 30s}",
    "Slo": "{availability: 99.9, latency: {p99: 250ms}}",
    "SloMetric": "{requests: web_requests_total, duration: web_request_seconds_bucket}",
    "Alert": "expr: sum(rate(errors_total[5m])) > 1\nfor: 5m\nseverity: critical\nsummary: Too many errors",
    "Security": """\
user: 999
group: 999
readOnlyRootFilesystem: {value: false, reason: it writes its cache beside itself}""",
    "Deviation": "{value: false, reason: it writes its cache beside itself}",
    "Account": '{rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]}',
    "Placement": "{nodeSelector: {disk: ssd}, spread: zone, priority: high}",
    "Toleration": "{key: dedicated, value: shop, effect: NoSchedule}",
    "Rollout": "{max_surge: 1, max_unavailable: 25%, grace: 30s}",
    "Disruption": "{max_unavailable: 1}",
    "Container": "{name: migrate, image: registry.example.com/shop/migrate:1.0.0, args: [up]}",
    "ContainerPort": "{port: 9901, protocol: TCP}",
    "Sidecar": "{name: proxy, image: registry.example.com/proxy:2.0.0, ports: {proxy: 9901}}",
    "Task": """\
needs: [receive]
when: ${{ inputs.express }}
call: {service: inventory, get: "/stock/${{ inputs.order }}"}
outputs: {in_stock: {type: boolean, default: false}}
retry: {attempts: 3, backoff: {initial: 10s, max: 2m}}
timeout: 15m""",
    "Run": '{image: registry.example.com/shop/ship:2.1.0, args: [--order, "${{ inputs.order }}"]}',
    "Step": '{service: reception, post: "/orders/${{ inputs.order }}", body: {by: night}, timeout: 5s}',
    "Expect": "{status: 200, json: '${{ response.ok == true }}'}",
    "Retry": "{attempts: 3, backoff: {initial: 10s, factor: 2, max: 2m}}",
    "Backoff": "{initial: 10s, factor: 2, max: 2m}",
    "Call": "{parallel: true, steps: [{service: a, get: /}, {service: b, get: /}]}",
    "Sql": """\
dsn: {secret: order-db, key: dsn}
query: insert into audit values (:order)
params: {order: "${{ inputs.order }}"}""",
    "Approve": '{message: "Ship ${{ inputs.order }}?"}',
    "Output": "{type: boolean, default: false, description: Whether it can be sent}",
    "Foreach": "{items: [north, south], parallel: 2, max_failed: 1}",
    "Estimate": "{duration: 500ms, p99: 2s, success: 99.9}",
    "Workflow": """\
inputs: {order: {type: string}}
outputs: {receipt: {type: string, value: "${{ tasks.pay.outputs.receipt }}"}}
timeout: 1h
tasks:
  ship: {run: {image: registry.example.com/shop/ship:2.1.0, args: ["${{ inputs.order }}"]}}
  pay:
    needs: [ship]
    call: {service: payment, post: "/charges/${{ inputs.order }}"}
    outputs: {receipt: {type: string}}""",
    "Input": "{type: string, description: Order number}",
    "WorkflowOutput": '{type: string, value: "${{ tasks.pay.outputs.receipt }}"}',
    "Triggers": '{schedule: {cron: "0 3 * * *", with: {order: nightly}}, install: {with: {order: trial}}}',
    "Schedule": '{cron: "0 3 * * *", timezone: Europe/Berlin, concurrency: forbid, with: {order: nightly}}',
    "Install": "{with: {order: trial}}",
    "Keep": "{success: 3, failure: 10}",
    "Dependency": "{name: redis, version: 20.x, repository: 'https://charts.example.com', condition: redis.enabled}",
}
"""Name of the record's class → YAML."""
