"""A time that no calendar has is refused with the name of its field, wherever one is sent."""

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from trellis.scheduler.v1 import feed_service_pb2
from trellis.scheduler.v1 import request_service_pb2 as messages

from services.common.rpc.credentials import Credential, acting_as
from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.domain.errors import InvalidRequestError
from tests.support.asking_api import ACTORS, DISTRICT, PARENT, SCOPES, WEEK, AskingApi, learner
from tests.support.feeds import feed_servicer

TOO_LATE, TOO_EARLY = Timestamp(seconds=10**12), Timestamp(seconds=-(10**12))


@pytest.fixture
async def api():
    """Give an API in which learners may choose."""
    return await AskingApi().set_up()


@pytest.mark.parametrize("wrong", [TOO_LATE, TOO_EARLY])
async def test_a_window_closes_at_a_time(api, wrong):
    """Pat says a close that is no time."""
    asked = messages.ExtendChoiceWindowRequest(
        name=f"{WEEK}/choiceWindow", close_time=wrong, reason="the network was down"
    )
    with pytest.raises(InvalidRequestError) as caught:
        await api.as_("pat").ExtendChoiceWindow(asked)
    assert caught.value.metadata["field"] == "close_time"


@pytest.mark.parametrize("wrong", [TOO_LATE, TOO_EARLY])
async def test_a_feed_ends_at_a_time(api, wrong):
    """Lea says an end that is no time."""
    actors = MemoryActors({one.name: one for one in ACTORS.values()})
    asked = feed_service_pb2.CreateFeedRequest(
        parent=PARENT, subject=learner("lea"), expire_time=wrong
    )
    credential = Credential(
        name="test", district=DISTRICT, scopes=frozenset(SCOPES), person=learner("lea")
    )
    with acting_as(credential), pytest.raises(InvalidRequestError) as caught:
        await feed_servicer(api, actors).CreateFeed(asked, None)
    assert caught.value.metadata["field"] == "expire_time"
