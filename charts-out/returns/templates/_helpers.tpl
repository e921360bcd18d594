{{/*
The chart's name, or what stands in for it.
*/}}
{{- define "returns.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{/*
The name that all objects start with: <release>-<chart>, or the release alone when it holds the chart's name already.
*/}}
{{- define "returns.fullname" -}}
{{- $name := include "returns.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/*
The name of one component's objects: <fullname>-<component>. What is longer than the limit (63 unless given) is cut
and ends in eight digits of a hash, so that two cut names never meet.
Arguments: root context, component, limit.
*/}}
{{- define "returns.component" -}}
{{- $name := printf "%s-%s" (include "returns.fullname" (index . 0)) (index . 1) -}}
{{- $limit := 63 -}}
{{- if gt (len .) 2 -}}
{{- $limit = index . 2 -}}
{{- end -}}
{{- if gt (len $name) $limit -}}
{{- printf "%s-%s" ($name | trunc (int (sub $limit 9)) | trimSuffix "-") ($name | sha256sum | trunc 8) -}}
{{- else -}}
{{- $name -}}
{{- end -}}
{{- end }}

{{/*
The labels that select one component's pods. They never change.
Arguments: root context, component.
*/}}
{{- define "returns.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "returns.name" $root | quote }}
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 | quote }}
{{- end }}

{{/*
The labels of an object; not those of a pod, which would restart with each new version of the chart.
Arguments: root context, component.
*/}}
{{- define "returns.labels" -}}
{{- $root := index . 0 -}}
{{ include "returns.selectorLabels" . }}
app.kubernetes.io/part-of: {{ $root.Chart.Name | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" | quote }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
An image as a pod names it: registry/repository:tag@digest.
Arguments: root context, image of the values.
*/}}
{{- define "returns.image" -}}
{{- $image := index . 1 -}}
{{- with (index . 0).Values.global.imageRegistry | default $image.registry -}}
{{- . }}/
{{- end -}}
{{- $image.repository -}}
{{- with $image.tag -}}
:{{ . }}
{{- end -}}
{{- with $image.digest -}}
@{{ . }}
{{- end -}}
{{- end }}

{{/*
Environment variables as a list, from a map of names: a text is the value, a map says where the value comes from. Of
several maps a later one wins; a name between them takes that of an earlier one away.
*/}}
{{- define "returns.extraEnv" -}}
{{- $items := list -}}
{{- $all := dict -}}
{{- range kindIs "slice" . | ternary . (list .) -}}
{{- if kindIs "string" . -}}
{{- $all = omit $all . -}}
{{- else -}}
{{- range $name, $value := . -}}
{{- $_ := set $all $name $value -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := $all -}}
{{- $key := ternary "value" "valueFrom" (kindIs "string" $value) -}}
{{- $items = append $items (dict "name" $name $key $value) -}}
{{- end -}}
{{- with $items -}}
{{- toYaml . -}}
{{- end -}}
{{- end }}

{{/*
What tells a dashboard from those of other releases in one Grafana.
Arguments: root context, name.
*/}}
{{- define "returns.dashboardUid" -}}
{{- $root := index . 0 -}}
{{- printf "%s/%s/%s/%s" $root.Release.Namespace $root.Release.Name $root.Chart.Name (index . 1) | sha256sum | trunc 40 -}}
{{- end }}
