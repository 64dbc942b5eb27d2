{{/*
Every process of Trellis: what it is called, as which role it works, what it listens on, how many
there are in each profile, and what it is given. `values.processes` changes any of it.

kind         Deployment, or StatefulSet where a name must stay the same in a Kafka group
role         of the database
listens      beside health and metrics
replicas     small, production
scales       whether an HPA may change the number (of those that keep nothing)
secrets      that it mounts, beside the credentials of all
calls        which services it calls, with TLS of both sides
*/}}
{{- define "trellis.processes" -}}
evidence-api:
  service: evidence
  command: api
  kind: Deployment
  role: api
  listens: [grpc, http]
  replicas: {small: 1, production: 2}
  scales: true
  secrets: [learnerKeys, tokenKeys]
  calls: []
  resources: {requests: {cpu: 250m, memory: 256Mi}, limits: {memory: 512Mi}}
evidence-relay:
  service: evidence
  command: relay
  kind: Deployment
  role: worker
  listens: []
  replicas: {small: 1, production: 2}
  secrets: [learnerKeys]
  calls: []
  resources: {requests: {cpu: 100m, memory: 192Mi}, limits: {memory: 192Mi}}
evidence-resolver:
  service: evidence
  command: resolver
  kind: Deployment
  role: api
  listens: []
  replicas: {small: 1, production: 2}
  secrets: [learnerKeys]
  calls: []
  resources: {requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 256Mi}}
evidence-quick-checks:
  service: evidence
  command: quick-checks
  kind: StatefulSet
  role: api
  listens: []
  replicas: {small: 1, production: 2}
  secrets: [learnerKeys]
  calls: []
  resources: {requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 256Mi}}
mastery-api:
  service: mastery
  command: api
  kind: Deployment
  role: api
  listens: [grpc]
  replicas: {small: 1, production: 2}
  scales: true
  secrets: []
  calls: []
  resources: {requests: {cpu: 250m, memory: 256Mi}, limits: {memory: 512Mi}}
mastery-worker:
  service: mastery
  command: worker
  kind: StatefulSet
  role: worker
  listens: []
  replicas: {small: 1, production: 3}
  secrets: [serviceTokens]
  calls: [evidence]
  resources: {requests: {cpu: 500m, memory: 512Mi}, limits: {memory: 512Mi}}
mastery-projector:
  service: mastery
  command: projector
  kind: Deployment
  role: worker
  listens: []
  replicas: {small: 1, production: 2}
  secrets: []
  calls: []
  resources: {requests: {cpu: 250m, memory: 384Mi}, limits: {memory: 384Mi}}
scheduler-api:
  service: scheduler
  command: api
  kind: Deployment
  role: api
  listens: [grpc, http]
  replicas: {small: 1, production: 2}
  scales: true
  secrets: [serviceTokens]
  calls: [evidence, mastery]
  resources: {requests: {cpu: 250m, memory: 512Mi}, limits: {memory: 1Gi}}
scheduler-planner:
  service: scheduler
  command: planner
  kind: Deployment
  role: worker
  listens: []
  replicas: {small: 1, production: 2}
  secrets: [serviceTokens]
  calls: [evidence, mastery]
  resources: {requests: {cpu: "1", memory: 1Gi}, limits: {memory: 1Gi}}
scheduler-clock:
  service: scheduler
  command: clock
  kind: Deployment
  role: worker
  listens: []
  replicas: {small: 1, production: 2}
  secrets: [serviceTokens]
  calls: [evidence, mastery]
  resources: {requests: {cpu: 100m, memory: 512Mi}, limits: {memory: 512Mi}}
scheduler-relay:
  service: scheduler
  command: relay
  kind: Deployment
  role: worker
  listens: []
  replicas: {small: 1, production: 2}
  secrets: [serviceTokens]
  calls: []
  resources: {requests: {cpu: 100m, memory: 192Mi}, limits: {memory: 192Mi}}
{{- end -}}

{{/* A process as values.processes has it changed: takes (list $ "evidence-api"); returns YAML. */}}
{{- define "trellis.process" -}}
{{- $root := index . 0 -}}
{{- $process := get (include "trellis.processes" $root | fromYaml) (index . 1) -}}
{{- $said := get $root.Values.processes (index . 1) | default dict -}}
{{- $count := hasKey $said "replicas" | ternary (get $said "replicas") (get $process.replicas $root.Values.profile) -}}
{{- $resources := mergeOverwrite (deepCopy $process.resources) (get $said "resources" | default dict) -}}
{{- $autoscaling := get $said "autoscaling" | default dict -}}
{{- $scales := and $process.scales (or $autoscaling (eq $root.Values.profile "production")) -}}
{{- $limits := dict "minimum" (max $count 2) "maximum" 8 "cpuPercent" 70 -}}
{{- $changed := dict "count" $count "resources" $resources "autoscales" $scales "autoscaling" (mergeOverwrite $limits $autoscaling) -}}
{{- toYaml (mergeOverwrite $process $changed) -}}
{{- end -}}

{{/* The environment of a process: takes (list $ process). */}}
{{- define "trellis.environment" -}}
{{- $root := index . 0 -}}
{{- $process := index . 1 -}}
{{- $name := include "trellis.name" $root -}}
{{- $prefix := upper $process.service -}}
{{ include "trellis.passwordVariable" (list $root "POSTGRES_PASSWORD" (printf "%s_%s" $process.service $process.role)) }}
- {name: {{ $prefix }}_POSTGRES_DSN, value: {{ include "trellis.dsn" (list $root $process.service $process.role "POSTGRES_PASSWORD") | quote }}}
- {name: {{ $prefix }}_KAFKA_BOOTSTRAP_SERVERS, value: {{ include "trellis.kafka" $root | quote }}}
- {name: {{ $prefix }}_CREDENTIALS_FILE, value: /run/trellis/credentials/credentials.json}
- {name: {{ $prefix }}_HEALTH_LISTEN, value: "0.0.0.0:9100"}
- {name: {{ $prefix }}_LOG_FORMAT, value: json}
- {name: {{ $prefix }}_SHUTDOWN_GRACE_SECONDS, value: {{ $root.Values.shutdownGraceSeconds | quote }}}
{{- if eq $process.kind "StatefulSet" }}
- {name: {{ $prefix }}_INSTANCE_ID, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
{{- end }}
{{- if has "grpc" $process.listens }}
- {name: {{ $prefix }}_GRPC_LISTEN, value: "0.0.0.0:9000"}
{{- if $root.Values.tls.enabled }}
- {name: {{ $prefix }}_GRPC_TLS_CERTIFICATE_FILE, value: /run/trellis/tls/tls.crt}
- {name: {{ $prefix }}_GRPC_TLS_KEY_FILE, value: /run/trellis/tls/tls.key}
- {name: {{ $prefix }}_GRPC_TLS_CLIENT_CA_FILE, value: /run/trellis/tls/ca.crt}
- {name: {{ $prefix }}_GRPC_TLS_CLIENT_NAMES, value: {{ include "trellis.clientNames" (list $root $process.service) | quote }}}
{{- end }}
{{- end }}
{{- if has "http" $process.listens }}
- {name: {{ $prefix }}_HTTP_LISTEN, value: "0.0.0.0:8080"}
{{- end }}
{{- if has "learnerKeys" $process.secrets }}
- {name: {{ $prefix }}_LEARNER_KEYS_FILE, value: /run/trellis/learner-keys/learner-keys.json}
{{- end }}
{{- if has "tokenKeys" $process.secrets }}
- {name: {{ $prefix }}_TOKEN_KEYS_FILE, value: /run/trellis/token-keys/token-keys.json}
{{- end }}
{{- if eq $process.service "evidence" }}
{{ include "trellis.passwordVariable" (list $root "POSTGRES_WORKER_PASSWORD" "evidence_worker") }}
- {name: EVIDENCE_WORKER_POSTGRES_DSN, value: {{ include "trellis.dsn" (list $root "evidence" "worker" "POSTGRES_WORKER_PASSWORD") | quote }}}
{{- if and $root.Values.ingress.enabled (has "http" $process.listens) }}
- {name: EVIDENCE_PUBLIC_URL, value: "https://{{ $root.Values.ingress.systemsHost }}"}
{{- end }}
{{- end }}
{{- if $process.calls }}
- {name: {{ $prefix }}_SERVICE_TOKEN_FILE, value: /run/trellis/service-tokens/{{ eq $process.service "scheduler" | ternary "planner" "rebuild" }}}
{{- range $process.calls }}
- {name: {{ $prefix }}_{{ upper . }}_TARGET, value: "{{ $name }}-{{ . }}-api:9000"}
{{- end }}
{{- if $root.Values.tls.enabled }}
- {name: {{ $prefix }}_UPSTREAM_TLS_CA_FILE, value: /run/trellis/tls/ca.crt}
- {name: {{ $prefix }}_UPSTREAM_TLS_CERTIFICATE_FILE, value: /run/trellis/tls/tls.crt}
- {name: {{ $prefix }}_UPSTREAM_TLS_KEY_FILE, value: /run/trellis/tls/tls.key}
{{- end }}
{{- end }}
{{- end -}}

{{/* Who may call a service: takes (list $ "evidence"). */}}
{{- define "trellis.clientNames" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- $names := $root.Values.tls.clientNames -}}
{{- range $name, $process := include "trellis.processes" $root | fromYaml -}}
{{- if has $service $process.calls -}}
{{- $names = append $names (printf "spiffe://trellis/%s" $process.service) -}}
{{- end -}}
{{- end -}}
{{- $names | uniq | sortAlpha | join "," -}}
{{- end -}}

{{/* The Secrets that a process mounts, by the name of the volume: takes (list $ process). */}}
{{- define "trellis.mounted" -}}
{{- $root := index . 0 -}}
{{- $process := index . 1 -}}
credentials: {{ include "trellis.secret" (list $root "credentials" "credentials") }}
{{- if has "learnerKeys" $process.secrets }}
learner-keys: {{ include "trellis.secret" (list $root "learnerKeys" "learner-keys") }}
{{- end }}
{{- if has "tokenKeys" $process.secrets }}
token-keys: {{ include "trellis.secret" (list $root "tokenKeys" "token-keys") }}
{{- end }}
{{- if has "serviceTokens" $process.secrets }}
service-tokens: {{ include "trellis.secret" (list $root "serviceTokens" "service-tokens") }}
{{- end }}
{{- if and $root.Values.tls.enabled (or $process.calls (has "grpc" $process.listens)) }}
tls: {{ include "trellis.secret" (list $root (printf "%sTls" $process.service) (printf "%s-tls" $process.service)) }}
{{- end }}
{{- with include "trellis.postgresCaSecret" $root }}
postgres-ca: {{ . }}
{{- end }}
{{- end -}}
