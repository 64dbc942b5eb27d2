{{/*
What must be there before the processes: roles and databases, topics, and each schema up to date.
All of it may run again, and does with every upgrade, where migrations only add: what the release
before needs is taken away by `contract`. Takes (list $ annotations).
*/}}
{{- define "trellis.prepare" -}}
{{- $root := index . 0 -}}
{{- $name := include "trellis.name" $root -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $name }}-prepare
  labels:
    {{- include "trellis.labels" $root | nindent 4 }}
    app.kubernetes.io/name: prepare
  {{- with index . 1 }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  backoffLimit: 10
  activeDeadlineSeconds: 900
  template:
    metadata:
      labels:
        {{- include "trellis.labels" $root | nindent 8 }}
        app.kubernetes.io/name: prepare
    spec:
      {{- include "trellis.jobPod" $root | nindent 6 }}
      initContainers:
        {{- if $root.Values.postgres.adminUser }}
        - name: databases
          command: [python, -m, deploy.kubernetes.databases, --passwords, /run/trellis/passwords]
          env:
            - name: POSTGRES_PASSWORD
              valueFrom: {secretKeyRef: {name: {{ include "trellis.secret" (list $root "postgresSuperuser" "postgres-superuser") }}, key: password}}
            - name: TRELLIS_POSTGRES_DSN
              value: "postgresql://{{ $root.Values.postgres.adminUser }}:$(POSTGRES_PASSWORD)@{{ include "trellis.postgresHost" $root }}:{{ $root.Values.postgres.port }}/postgres{{ include "trellis.postgresOptions" $root }}"
          {{- include "trellis.prepareContainer" $root | nindent 10 }}
            - {name: passwords, mountPath: /run/trellis/passwords, readOnly: true}
        {{- end }}
        - name: topics
          command:
            - python
            - -m
            - services.common.kafka.topics
            - apply
            - --bootstrap-servers={{ include "trellis.kafka" $root }}
            - --file=/app/deploy/kafka/topics.yaml
            - --replication-factor={{ include "trellis.replicationFactor" $root }}
          {{- include "trellis.prepareContainer" $root | nindent 10 }}
        {{- range $service := list "evidence" "mastery" }}
        - name: {{ $service }}
          {{- include "trellis.migration" (list $root $service "pre") | nindent 10 }}
        {{- end }}
      containers:
        - name: scheduler
          {{- include "trellis.migration" (list $root "scheduler" "pre") | nindent 10 }}
      volumes:
        {{- include "trellis.jobVolumes" $root | nindent 8 }}
        - {name: passwords, secret: {secretName: {{ include "trellis.secret" (list $root "postgres" "postgres") }}, defaultMode: 0440}}
{{- end -}}

{{- define "trellis.jobPod" -}}
restartPolicy: OnFailure
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- include "trellis.podSecurity" . | nindent 2 }}
{{- end -}}

{{- define "trellis.jobVolumes" -}}
- {name: tmp, emptyDir: {sizeLimit: 64Mi}}
{{- with include "trellis.postgresCaSecret" . }}
- {name: postgres-ca, secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}
{{- end -}}

{{/* A migration: takes (list $ service phase). A first installation has both phases at once. */}}
{{- define "trellis.migration" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
command: [python, -m, services.{{ $service }}, migrate{{ if $root.Release.IsUpgrade }}, --phase={{ index . 2 }}{{ end }}]
env:
  {{- include "trellis.passwordVariable" (list $root "POSTGRES_PASSWORD" (printf "%s_owner" $service)) | nindent 2 }}
  - {name: {{ upper $service }}_POSTGRES_DSN, value: {{ include "trellis.dsn" (list $root $service "owner" "POSTGRES_PASSWORD") | quote }}}
  - {name: {{ upper $service }}_LOG_FORMAT, value: json}
{{ include "trellis.prepareContainer" $root }}
{{- end -}}

{{- define "trellis.prepareContainer" -}}
image: {{ include "trellis.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
resources: {requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 512Mi}}
securityContext:
  {{- include "trellis.containerSecurity" . | nindent 2 }}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  {{- if include "trellis.postgresCaSecret" . }}
  - {name: postgres-ca, mountPath: /run/trellis/postgres-ca, readOnly: true}
  {{- end }}
{{- end -}}
