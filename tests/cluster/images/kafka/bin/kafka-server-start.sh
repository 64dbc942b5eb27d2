#!/bin/bash
exec java $KAFKA_HEAP_OPTS -Djava.io.tmpdir=/tmp -cp '/opt/kafka/libs/*' kafka.Kafka "$@"
