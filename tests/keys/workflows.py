"""The keys of workflows."""

from tests.keys.rows import Place, Row, later

_PLAN = "ConfigMap data[plan.json]"
WORKFLOW = Place(
    "workflows.*", "…", {"plan": _PLAN}, "tasks: {t: {run: {image: x/y:1}}}", ("tasks",), section="workflows"
)
_CRON = "cron: '0 3 * * *'"

# fmt: off
GENERAL = (
    Row("description", "description: NAME takes an order.", "README.md", "NAME takes an order.", "description: →{}",
        "FH1002"),
    Row("tasks", "tasks: {one: {run: {image: a/b:1}}}", "CronJob/-one spec.suspend", True, "tasks: →{}", "FH1012",
        other="tasks: {two: {run: {image: a/b:1}}}"),
    Row("on_exit", "on_exit: {last: {run: {image: a/b:1}}}", "plan on_exit.last.kind", "run",
        "on_exit: {→t: {run: {image: a/b:1}}}", "FH2013"),
    Row("parallelism", "parallelism: 3", "plan parallelism", 3, "parallelism: →0", "FH1006"),
    Row("timeout", "timeout: 2h30m", "plan timeout", 9000.0, "timeout: →2 hours", "FH1005"),
    Row("timeout", "timeout: 2h", "ConfigMap data[bindings.json].timeout", "2h", "timeout: →'${{ 1 }}h'", "FH1009"),
    Row("concurrency", "concurrency: replace", "plan concurrency", "replace", "concurrency: →one", "FH1007"),
    Row("keep", "keep: {success: 9}", "CronJob spec.successfulJobsHistoryLimit", 9, "keep: →3", "FH1002"),
    Row("keep.success", "keep: {success: 0}", "CronJob spec.successfulJobsHistoryLimit", 0, "keep: {success: →101}",
        "FH1006"),
    Row("keep.failure", "keep: {failure: 7}", "CronJob spec.failedJobsHistoryLimit", 7, "keep: {→failed: 7}", "FH1001"),
    Row("accept", "triggers: {manual: false}, accept: {FH2414: by kubectl}", "finding FH2414", 0,
        "accept: {FH2414: →[]}",
        "FH1002"),
)
INPUTS = (
    Row("inputs", "inputs: {a: {default: x}}", "plan inputs", {"a": {"type": "string", "default": "x"}},
        "inputs: {→a-b: {}}", "FH1004"),
    Row("inputs.*.type", "inputs: {a: {type: boolean}}", "plan inputs.a.type", "boolean", "inputs: {a: {type: →bool}}",
        "FH1007"),
    Row("inputs.*.default", "inputs: {a: {default: 'on'}}", "plan inputs.a.default", "on",
        "inputs: {a: {default: →'${{ 1 }}'}}", "FH1009"),
    Row("inputs.*.default", "inputs: {a: {type: number, default: 1e3}}", "plan inputs.a.default", 1000.0,
        "inputs: {a: {type: number, default: →.nan}}", "FH2413"),
    Row("inputs.*.default", "inputs: {a: {type: object, default: {x: [1, {y: null}]}}}", "plan inputs.a.default",
        {"x": [1, {"y": None}]}, "inputs: {a: {type: object, default: →[]}}", "FH2413"),
)
OUTPUTS = (
    Row("outputs", "outputs: {a: {type: string, value: x}}", "plan outputs.a", {"type": "string", "value": "x"},
        "outputs: →x", "FH1002"),
    Row("outputs.*.type", "outputs: {a: {type: string, value: x}}", "plan outputs.a.type", "string",
        "outputs: {→a: {value: x}}", "FH1003", other="outputs: {a: {type: integer, value: '${{ 1 }}'}}"),
    Row("outputs.*.value", "outputs: {a: {type: string, value: '${{ run.id }}'}}", "plan outputs.a.value",
        {"value": ["name", "run", "id"]}, "outputs: {a: {type: string, value: '${{ run.→uid }}'}}", "FH2210",
        other="outputs: {a: {type: string, value: x}}"),
    Row("outputs.*.default", "outputs: {a: {type: string, value: x, default: y}}", "plan outputs.a.default", "y",
        "outputs: {a: {type: integer, value: '${{ 1 }}', default: →'1'}}", "FH2413"),
)
TRIGGERS = (
    Row("triggers", f"triggers: {{schedule: {{{_CRON}}}}}", "CronJob spec.schedule", "0 3 * * *", "triggers: →daily",
        "FH1002"),
    Row("triggers.schedule", f"triggers: {{schedule: {{{_CRON}}}}}", "CronJob spec.suspend", False,
        "triggers: {schedule: →daily}", "FH1002"),
    Row("triggers.schedule[].cron", "triggers: {schedule: {cron: '@daily'}}", "CronJob spec.schedule", "@daily",
        "triggers: {schedule: {cron: →'0 25 * * *'}}", "FH1005", other=f"triggers: {{schedule: {{{_CRON}}}}}"),
    Row("triggers.schedule[].timezone", f"triggers: {{schedule: {{{_CRON}, timezone: Europe/Paris}}}}",
        "CronJob spec.timeZone", "Europe/Paris", f"triggers: {{schedule: {{{_CRON}, timezone: →Paris}}}}", "FH1005"),
    Row("triggers.schedule[].concurrency", f"triggers: {{schedule: {{{_CRON}, concurrency: replace}}}}",
        "plan triggers.schedule.concurrency", "replace", f"triggers: {{schedule: {{{_CRON}, concurrency: →no}}}}",
        "FH1007"),
    Row("triggers.schedule[].with",
        f"inputs: {{a: {{default: x}}}}, triggers: {{schedule: {{{_CRON}, with: {{a: 'off'}}}}}}",
        "plan triggers.schedule.with", {"a": "off"}, f"triggers: {{schedule: {{{_CRON}, with: {{→b: 1}}}}}}", "FH2412"),
    Row("triggers.install", "triggers: {install: {}}", "Job/-install metadata.annotations[helm.sh/hook]",
        "post-install,post-upgrade", "triggers: {install: →true}", "FH1002"),
    Row("triggers.install.with", "inputs: {a: {type: integer}}, triggers: {install: {with: {a: 0}}}",
        "plan triggers.install.with", {"a": 0},
        "inputs: {a: {type: integer}}, triggers: {install: {with: {a: →'0'}}}", "FH2413",
        other="inputs: {a: {type: integer, default: 1}}, triggers: {install: {}}"),
    Row("triggers.manual", f"triggers: {{schedule: {{{_CRON}}}, manual: false}}",
        "plan manual", False, "triggers: {manual: →'no'}", "FH1002"),
    Row("triggers.schedule", f"triggers: {{schedule: [{{{_CRON}}}, {{cron: '@weekly'}}]}}",
        "CronJob/-schedule-2 spec.schedule",
        "@weekly", "triggers: {schedule: →daily}", "FH1002", note="a list",
        other=f"triggers: {{schedule: [{{{_CRON}}}, {{cron: '@yearly'}}]}}"),
    Row("triggers.install.wait", "triggers: {install: {wait: true}}",
        "Job/-install spec.template.spec.containers[0].args", ["start-and-wait"],
        "triggers: {install: {wait: →1}}", "FH1002"),
    Row("triggers.install.when", "triggers: {install: {when: before}}",
        "Job/-before metadata.annotations[helm.sh/hook]", "pre-install,pre-upgrade",
        "triggers: {install: {when: →pre}}", "FH1007"),
    later("triggers.event", "triggers: {→event: {}}"),
)
SPOKEN = (
    Row("inputs.*.description", "inputs: {a: {description: NAME counts them}}", "README.md",
        "| `a` | input, string, required | NAME counts them |", "inputs: {a: {description: →[]}}", "FH1002"),
    Row("outputs.*.description", "outputs: {a: {type: string, value: x, description: NAME's answer}}", "README.md",
        "| `a` | output, string | NAME's answer |", "outputs: {a: {type: string, value: x, description: →~}}",
        "FH1002"),
)
# fmt: on

PLACED = WORKFLOW.rows(GENERAL, INPUTS, OUTPUTS, TRIGGERS, SPOKEN)
