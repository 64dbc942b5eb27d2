{{- define "trellis.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "trellis.labels" -}}
app.kubernetes.io/part-of: trellis
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* What tells a process' pods apart: takes (list $ "evidence-api"). */}}
{{- define "trellis.selector" -}}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/name: {{ index . 1 }}
{{- end -}}

{{- define "trellis.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{- include "trellis.pinned" (printf "%s:%s" $image.repository ($image.tag | default .Chart.AppVersion)) -}}
{{- end -}}
{{- end -}}

{{/* An image that is the same tomorrow. */}}
{{- define "trellis.pinned" -}}
{{- if hasSuffix ":latest" . -}}
{{- fail (printf "The image %s may be another one tomorrow, on one node and not on the next. Name a version, or a digest." .) -}}
{{- end -}}
{{- . -}}
{{- end -}}

{{/* Whether the chart has this server itself, "" where not: takes (list $ "kafka"). */}}
{{- define "trellis.own" -}}
{{- $values := (index . 0).Values -}}
{{- $elsewhere := dict "kafka" $values.kafka.bootstrapServers "postgres" $values.postgres.host -}}
{{- if and (eq $values.profile "small") (not (get $elsewhere (index . 1))) -}}
true
{{- end -}}
{{- end -}}

{{- define "trellis.kafka" -}}
{{- if .Values.kafka.bootstrapServers -}}
{{ .Values.kafka.bootstrapServers }}
{{- else if eq .Values.profile "small" -}}
{{ include "trellis.name" . }}-kafka:9092
{{- else if .Values.operators.create -}}
{{ include "trellis.name" . }}-kafka-bootstrap:9092
{{- else -}}
{{- fail "The production profile needs to know where Kafka is. Set kafka.bootstrapServers (\"host:9092,host:9092\"), or operators.create=true where Strimzi runs in this cluster." -}}
{{- end -}}
{{- end -}}

{{- define "trellis.postgresHost" -}}
{{- if .Values.postgres.host -}}
{{ .Values.postgres.host }}
{{- else if eq .Values.profile "small" -}}
{{ include "trellis.name" . }}-postgres
{{- else if .Values.operators.create -}}
{{ include "trellis.name" . }}-postgres-rw
{{- else -}}
{{- fail "The production profile needs to know where PostgreSQL is. Set postgres.host, or operators.create=true where CloudNativePG runs in this cluster." -}}
{{- end -}}
{{- end -}}

{{- define "trellis.postgresOptions" -}}
{{- $own := include "trellis.own" (list . "postgres") -}}
{{- $mode := .Values.postgres.sslMode | default (empty $own | ternary "verify-full" "disable") -}}
?sslmode={{ $mode }}
{{- if hasPrefix "verify" $mode -}}
&sslrootcert=/run/trellis/postgres-ca/ca.crt
{{- end -}}
{{- end -}}

{{- define "trellis.postgresCaSecret" -}}
{{- if contains "sslrootcert" (include "trellis.postgresOptions" .) -}}
{{- if .Values.postgres.caSecret -}}
{{ .Values.postgres.caSecret }}
{{- else if .Values.operators.create -}}
{{ include "trellis.name" . }}-postgres-ca
{{- else -}}
{{- fail "Trellis checks who PostgreSQL is and needs to know by whom. Set postgres.caSecret to a Secret with ca.crt; where the network is trusted, postgres.sslMode=require." -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "trellis.replicationFactor" -}}
{{- .Values.kafka.replicationFactor | default (ternary 1 3 (eq .Values.profile "small")) -}}
{{- end -}}

{{/* The name of a Secret: takes (list $ "learnerKeys" "learner-keys"). */}}
{{- define "trellis.secret" -}}
{{- $root := index . 0 -}}
{{- get $root.Values.secrets (index . 1) | default (printf "%s-%s" (include "trellis.name" $root) (index . 2)) -}}
{{- end -}}

{{- define "trellis.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65534
runAsGroup: 65534
fsGroup: 65534
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "trellis.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* The address of a service's database: takes (list $ "evidence" "api"); $(POSTGRES_PASSWORD) is set beside it. */}}
{{- define "trellis.dsn" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- $user := printf "%s_%s" $service (index . 2) -}}
{{- $variable := index . 3 -}}
postgresql://{{ $user }}:$({{ $variable }})@{{ include "trellis.postgresHost" $root }}:{{ $root.Values.postgres.port }}/trellis_{{ $service }}{{ include "trellis.postgresOptions" $root }}
{{- end -}}

{{/* A password of the databases as a variable: takes (list $ "POSTGRES_PASSWORD" "evidence_api"). */}}
{{- define "trellis.passwordVariable" -}}
- name: {{ index . 1 }}
  valueFrom: {secretKeyRef: {name: {{ include "trellis.secret" (list (index . 0) "postgres" "postgres") }}, key: {{ index . 2 }}}}
{{- end -}}
