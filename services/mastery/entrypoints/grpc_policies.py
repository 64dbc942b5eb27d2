"""PolicyService on gRPC: versions of a district's policy, which is the credential's."""

from __future__ import annotations

from typing import Any

import grpc.aio
from trellis.mastery.v1 import policy_service_pb2, policy_service_pb2_grpc

from services.common.clock import Clock
from services.common.rpc.credentials import require_district
from services.mastery.adapters.documents import from_json
from services.mastery.adapters.wire.mastery import micros_from
from services.mastery.adapters.wire.policies import (
    page_token_from,
    page_token_of,
    policy_to,
    version_from,
)
from services.mastery.domain.moments import micros_of
from services.mastery.entrypoints.scopes import MASTERY_POLICY_WRITE, MASTERY_READ
from services.mastery.handlers.policies import NewPolicy, get_policy, list_policies, put_policy
from services.mastery.ports.policies import Policies

Context = grpc.aio.ServicerContext[Any, Any]


class PolicyServicer(policy_service_pb2_grpc.PolicyServiceServicer):
    """The RPCs of PolicyService."""

    def __init__(self, *, policies: Policies, clock: Clock) -> None:
        self._policies = policies
        self._clock = clock

    async def PutPolicy(  # noqa: N802
        self, request: policy_service_pb2.PutPolicyRequest, context: Context
    ) -> policy_service_pb2.PutPolicyResponse:
        """Add a version."""
        credential, district = require_district(MASTERY_POLICY_WRITE)
        effective_us = expected_version = None
        if request.HasField("effective_time"):
            effective_us = micros_from(request.effective_time, field="effective_time")
        if request.HasField("expected_version"):
            expected_version = version_from(request.expected_version, field="expected_version")
        new = NewPolicy(
            district=district,
            document=from_json(request.document),
            effective_us=effective_us,
            note=request.note,
            actor=credential.name,
            expected_version=expected_version,
            validate_only=request.validate_only,
        )
        version = await put_policy(new, now_us=self._now_us(), policies=self._policies)
        return policy_service_pb2.PutPolicyResponse(
            policy=policy_to(district, version, kept=not request.validate_only)
        )

    async def GetPolicy(  # noqa: N802
        self, request: policy_service_pb2.GetPolicyRequest, context: Context
    ) -> policy_service_pb2.GetPolicyResponse:
        """Return the policy in force at a time, or one version."""
        _, district = require_district(MASTERY_READ)
        at_us, version = self._now_us(), None
        if request.HasField("as_of_time"):
            at_us = micros_from(request.as_of_time, field="as_of_time")
        elif request.HasField("version"):
            version = version_from(request.version, field="version")
        found = await get_policy(district, at_us=at_us, version=version, policies=self._policies)
        return policy_service_pb2.GetPolicyResponse(policy=policy_to(district, found))

    async def ListPolicies(  # noqa: N802
        self, request: policy_service_pb2.ListPoliciesRequest, context: Context
    ) -> policy_service_pb2.ListPoliciesResponse:
        """List the versions, newest first."""
        _, district = require_district(MASTERY_READ)
        page = await list_policies(
            district,
            before=page_token_from(request.page_token),
            page_size=request.page_size,
            policies=self._policies,
        )
        return policy_service_pb2.ListPoliciesResponse(
            policies=[policy_to(district, one) for one in page.versions],
            next_page_token=page_token_of(page.next_before),
        )

    def _now_us(self) -> int:
        return micros_of(self._clock.now())
