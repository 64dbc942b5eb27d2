"""A service's own credential acts for one named district at a time, and nobody else's does."""

import pytest

from services.common.rpc.credentials import Credential, DistrictRefusedError


def test_a_service_with_any_district_acts_for_the_named_one() -> None:
    """The district of the metadata becomes the credential's; its scopes stay as they are."""
    planner = Credential(
        name="planner", district=None, scopes=frozenset({"any_district", "roster.read"})
    )
    acting = planner.acting_for("henry")
    assert acting.district == "henry"
    assert acting.scopes == planner.scopes


def test_a_token_of_the_district_may_name_it() -> None:
    """Naming one's own district changes nothing."""
    token = Credential(name="principal", district="henry")
    assert token.acting_for("henry") is token


@pytest.mark.parametrize(
    "credential",
    [
        Credential(name="of another", district="cedar", scopes=frozenset({"any_district"})),
        Credential(name="without the scope", district=None, scopes=frozenset({"roster.read"})),
        Credential(name="everything", district=None, scopes=frozenset({"*"})),
    ],
    ids=lambda one: one.name,
)
def test_nobody_else_chooses_a_district(credential: Credential) -> None:
    """A district's own token, and a service's without the scope by name, are refused."""
    with pytest.raises(DistrictRefusedError):
        credential.acting_for("henry")


@pytest.mark.parametrize("district", ["", "a/b", "x" * 65, "'; drop"])
def test_what_is_no_id_is_no_district(district: str) -> None:
    """A district that could not be one is refused before anything sees it."""
    planner = Credential(name="planner", district=None, scopes=frozenset({"any_district"}))
    with pytest.raises(DistrictRefusedError):
        planner.acting_for(district)
