"""A strict client of OneRoster 1.2, written from the tables of the specification alone.

It shares nothing with the provider: what a field of each object may hold stands here a second time.
Whatever an answer has that the tables do not, or lacks that they demand, is an AssertionError.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import httpx

ROSTERING = "/ims/oneroster/rostering/v1p2"
GRADEBOOK = "/ims/oneroster/gradebook/v1p2"
RESOURCES = "/ims/oneroster/resources/v1p2"
SCOPE = "https://purl.imsglobal.org/spec/or/v1p2/scope/"

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_LINK = re.compile(r'<([^>]+)>;\s*rel="([a-z]+)"')
_CODES = {
    400: {"invaliddata", "invalid_filter_field", "invalid_selection_field", "invalid_sort_field"},
    401: {"unauthorisedrequest"},
    403: {"forbidden"},
    404: {"unknownobject"},
    405: {"unsupported"},
    413: {"invaliddata"},
    415: {"invaliddata"},
    422: {"invaliddata"},
    429: {"server_busy"},
    500: {"internal_server_error"},
}


def text(value: Any) -> None:
    """Hold a value to being a text."""
    assert isinstance(value, str), value


def texts(value: Any) -> None:
    """Hold a value to being a list of texts."""
    assert isinstance(value, list), value
    for one in value:
        text(one)


def day(value: Any) -> None:
    """Hold a value to being a date."""
    text(value)
    assert len(value) == 10, value
    date.fromisoformat(value)


def moment(value: Any) -> None:
    """Hold a value to being a time in UTC with milliseconds."""
    text(value)
    assert _DATE_TIME.fullmatch(value), value
    datetime.fromisoformat(value)


def boolean(value: Any) -> None:
    """Hold a value to being one of the two texts that OneRoster has for booleans."""
    assert value in ("true", "false"), value
    text(value)


def number(value: Any) -> None:
    """Hold a value to being a number."""
    assert isinstance(value, int | float), value
    assert not isinstance(value, bool), value


def year(value: Any) -> None:
    """Hold a value to being a year."""
    text(value)
    assert re.fullmatch(r"\d{4}", value), value


def metadata(value: Any) -> None:
    """Hold a value to being an object with whatever its sender adds."""
    assert isinstance(value, dict), value


def word(*words: str, extensible: bool = True) -> Any:
    """Return what holds a value to a vocabulary."""

    def check(value: Any) -> None:
        text(value)
        assert value in words or (extensible and value.startswith("ext:")), value

    return check


def words(*allowed: str) -> Any:
    """Return what holds a list of values to a vocabulary."""
    one = word(*allowed)

    def check(value: Any) -> None:
        assert isinstance(value, list), value
        for each in value:
            one(each)

    return check


def ref(*types: str) -> Any:
    """Return what holds a value to being a reference to one of these types."""

    def check(value: Any) -> None:
        assert isinstance(value, dict), value
        assert set(value) == {"href", "sourcedId", "type"}, value
        text(value["sourcedId"])
        assert value["type"] in types, value
        assert value["href"].startswith("http"), value

    return check


def refs(*types: str) -> Any:
    """Return what holds a value to being a list of references."""
    one = ref(*types)

    def check(value: Any) -> None:
        assert isinstance(value, list), value
        for each in value:
            one(each)

    return check


def structures(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> Any:
    """Return what holds a value to being a list of structures."""

    def check(value: Any) -> None:
        assert isinstance(value, list), value
        for each in value:
            check_fields(each, required, optional or {})

    return check


def check_fields(
    value: Mapping[str, Any], required: Mapping[str, Any], optional: Mapping[str, Any]
) -> None:
    """Hold an object to its fields: none missing that is required, none that is not known."""
    assert isinstance(value, dict), value
    assert set(required) <= set(value), f"{sorted(set(required) - set(value))} missing in {value}"
    known = {**optional, **required}
    for name, each in value.items():
        assert name in known, f"{name} is no field: {value}"
        known[name](each)


BASE = {
    "sourcedId": text,
    "status": word("active", "tobedeleted", extensible=False),
    "dateLastModified": moment,
}
SCORE_STATUS = word("exempt", "fully graded", "not submitted", "partially graded", "submitted")
MARKS = dict.fromkeys(("inProgress", "incomplete", "late", "missing"), boolean)
OBJECTIVES = structures({"source": word("case", "unknown"), "learningObjectiveIds": texts})
OBJECTIVE_RESULTS = structures(
    {
        "source": word("case", "unknown"),
        "learningObjectiveResults": structures(
            {"learningObjectiveId": text}, {"score": number, "textScore": text}
        ),
    }
)
USER_ROLE = word(
    "aide",
    "counselor",
    "districtAdministrator",
    "guardian",
    "parent",
    "principal",
    "proctor",
    "relative",
    "siteAdministrator",
    "student",
    "systemAdministrator",
    "teacher",
)
SUBJECTS = {"grades": texts, "subjects": texts, "subjectCodes": texts}

OBJECTS: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "org": (
        {
            "name": text,
            "type": word("department", "school", "district", "local", "state", "national"),
            "identifier": text,
        },
        {"parent": ref("org"), "children": refs("org")},
    ),
    "academicSession": (
        {
            "title": text,
            "type": word("gradingPeriod", "semester", "schoolYear", "term"),
            "startDate": day,
            "endDate": day,
            "schoolYear": year,
        },
        {"parent": ref("academicSession"), "children": refs("academicSession")},
    ),
    "course": (
        {"title": text, "courseCode": text},
        {
            **SUBJECTS,
            "schoolYear": ref("academicSession"),
            "org": ref("org"),
            "resources": refs("resource"),
        },
    ),
    "class": (
        {
            "title": text,
            "course": ref("course"),
            "school": ref("org"),
            "terms": refs("academicSession"),
        },
        {
            **SUBJECTS,
            "classCode": text,
            "classType": word("homeroom", "scheduled"),
            "location": text,
            "periods": texts,
            "resources": refs("resource"),
        },
    ),
    "user": (
        {
            "enabledUser": boolean,
            "givenName": text,
            "familyName": text,
            "roles": structures(
                {
                    "roleType": word("primary", "secondary", extensible=False),
                    "role": USER_ROLE,
                    "org": ref("org"),
                },
                {"userProfile": text, "beginDate": day, "endDate": day},
            ),
        },
        {
            **dict.fromkeys(
                (
                    "userMasterIdentifier",
                    "username",
                    "middleName",
                    "preferredFirstName",
                    "preferredMiddleName",
                    "preferredLastName",
                    "pronouns",
                    "identifier",
                    "email",
                    "sms",
                    "phone",
                ),
                text,
            ),
            "userIds": structures({"type": text, "identifier": text}),
            "userProfiles": structures(
                {"profileId": text, "profileType": text, "vendorId": text},
                {
                    "applicationId": text,
                    "description": text,
                    "credentials": structures({"type": text, "username": text}),
                },
            ),
            "primaryOrg": ref("org"),
            "agents": refs("user"),
            "grades": texts,
            "resources": refs("resource"),
        },
    ),
    "enrollment": (
        {
            "user": ref("user"),
            "class": ref("class"),
            "school": ref("org"),
            "role": word("administrator", "proctor", "student", "teacher"),
            "primary": boolean,
        },
        {"beginDate": day, "endDate": day},
    ),
    "demographics": (
        {},
        {
            "birthDate": day,
            "sex": word("male", "female", "unspecified", "other", extensible=False),
            **dict.fromkeys(
                (
                    "americanIndianOrAlaskaNative",
                    "asian",
                    "blackOrAfricanAmerican",
                    "nativeHawaiianOrOtherPacificIslander",
                    "white",
                    "demographicRaceTwoOrMoreRaces",
                    "hispanicOrLatinoEthnicity",
                ),
                boolean,
            ),
            "countryOfBirthCode": text,
            "stateOfBirthAbbreviation": text,
            "cityOfBirth": text,
            "publicSchoolResidenceStatus": text,
        },
    ),
    "category": ({"title": text}, {"weight": number}),
    "scoreScale": (
        {
            "title": text,
            "type": text,
            "class": ref("class"),
            "scoreScaleValue": structures({"itemValueLHS": text, "itemValueRHS": text}),
        },
        {"course": ref("course"), "org": ref("org")},
    ),
    "lineItem": (
        {
            "title": text,
            "assignDate": moment,
            "dueDate": moment,
            "class": ref("class"),
            "school": ref("org"),
            "category": ref("category"),
        },
        {
            "description": text,
            "gradingPeriod": ref("academicSession"),
            "academicSession": ref("academicSession"),
            "scoreScale": ref("scoreScale"),
            "resultValueMin": number,
            "resultValueMax": number,
            "learningObjectiveSet": OBJECTIVES,
        },
    ),
    "result": (
        {
            "lineItem": ref("lineItem"),
            "student": ref("user"),
            "scoreStatus": SCORE_STATUS,
            "scoreDate": day,
        },
        {
            **MARKS,
            "class": ref("class"),
            "scoreScale": ref("scoreScale"),
            "score": number,
            "textScore": text,
            "comment": text,
            "learningObjectiveSet": OBJECTIVE_RESULTS,
        },
    ),
    "assessmentLineItem": (
        {"title": text},
        {
            "description": text,
            "class": ref("class"),
            "parentAssessmentLineItem": ref("assessmentLineItem"),
            "scoreScale": ref("scoreScale"),
            "resultValueMin": number,
            "resultValueMax": number,
            "learningObjectiveSet": OBJECTIVES,
        },
    ),
    "assessmentResult": (
        {
            "assessmentLineItem": ref("assessmentLineItem"),
            "student": ref("user"),
            "scoreDate": day,
            "scoreStatus": SCORE_STATUS,
        },
        {
            **MARKS,
            "score": number,
            "textScore": text,
            "scoreScale": ref("scoreScale"),
            "scorePercentile": number,
            "comment": text,
            "learningObjectiveSet": OBJECTIVE_RESULTS,
        },
    ),
    "resource": (
        {"vendorResourceId": text},
        {
            "title": text,
            "roles": words(
                "administrator", "aide", "guardian", "parent", "proctor", "student", "teacher"
            ),
            "importance": word("primary", "secondary", extensible=False),
            "vendorId": text,
            "applicationId": text,
        },
    ),
}
"""The fields of each object that have to be there, and those that may be."""

PLURALS = {
    "orgs": "org",
    "schools": "org",
    "academicSessions": "academicSession",
    "terms": "academicSession",
    "gradingPeriods": "academicSession",
    "courses": "course",
    "classes": "class",
    "users": "user",
    "students": "user",
    "teachers": "user",
    "enrollments": "enrollment",
    "demographics": "demographics",
    "categories": "category",
    "scoreScales": "scoreScale",
    "lineItems": "lineItem",
    "results": "result",
    "assessmentLineItems": "assessmentLineItem",
    "assessmentResults": "assessmentResult",
    "resources": "resource",
}
"""What the objects behind the last word of a path are."""

ENVELOPES = {
    "org": "orgs",
    "academicSession": "academicSessions",
    "user": "users",
}


@dataclass(frozen=True, kw_only=True)
class OneRosterClient:
    """The client: it gets its token by itself, and checks whatever it is answered."""

    http: httpx.AsyncClient
    token: str

    @classmethod
    async def connect(
        cls, http: httpx.AsyncClient, client_id: str, secret: str, *scopes: str
    ) -> OneRosterClient:
        """Get a token for these scopes, or for all that the client has."""
        form = {"grant_type": "client_credentials"}
        if scopes:
            form["scope"] = " ".join(SCOPE + scope for scope in scopes)
        answer = await http.post("/oauth/token", data=form, auth=(client_id, secret))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["token_type"].lower() == "bearer"
        assert 0 < body["expires_in"] <= 3_600
        return cls(http=http, token=body["access_token"])

    async def one(self, path: str, **parameters: str) -> dict[str, Any]:
        """Get a single object, in its envelope."""
        answer = await self.send("GET", path, params=parameters)
        assert answer.status_code == 200, answer.text
        singular = PLURALS[path.split("/")[-2]]
        body = _body(answer)
        assert set(body) == {singular}, body
        check_object(singular, body[singular], parameters)
        return body[singular]

    async def page(
        self, path: str, **parameters: str
    ) -> tuple[list[dict[str, Any]], httpx.Response]:
        """Get one page of objects, in their envelope, and the answer it came in."""
        answer = await self.send("GET", path, params=parameters)
        assert answer.status_code == 200, answer.text
        singular = PLURALS[path.split("?", maxsplit=1)[0].rsplit("/", maxsplit=1)[-1]]
        plural = ENVELOPES.get(singular) or next(
            plural for plural, one in PLURALS.items() if one == singular
        )
        body = _body(answer)
        assert set(body) == {plural}, body
        for one in body[plural]:
            check_object(singular, one, parameters)
        assert int(answer.headers["x-total-count"]) >= len(body[plural])
        return body[plural], answer

    async def every(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        """Get all objects of a path by following the links from page to page."""
        found, answer = await self.page(path, **parameters)
        total = int(answer.headers["x-total-count"])
        while "next" in (links := links_of(answer)):
            assert links["first"]
            assert links["last"]
            answer = await self.send("GET", links["next"])
            assert answer.status_code == 200, answer.text
            (more,) = _body(answer).values()
            assert more, "a next page holds something"
            assert int(answer.headers["x-total-count"]) == total
            found += more
        assert len(found) == total
        ids = [one["sourcedId"] for one in found if "sourcedId" in one]
        assert len(set(ids)) == len(ids), "no object comes twice"
        return found

    async def put(self, path: str, body: Mapping[str, Any]) -> int:
        """Keep an object; returns 201 where it is new, else 200."""
        singular = PLURALS[path.split("/")[-2]]
        answer = await self.send("PUT", path, json={singular: body})
        assert answer.status_code in (200, 201), answer.text
        return answer.status_code

    async def delete(self, path: str) -> None:
        """Delete an object."""
        answer = await self.send("DELETE", path)
        assert answer.status_code == 204, answer.text
        assert not answer.content

    async def post(self, path: str, bodies: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Keep new objects; returns the allocated id of each supplied one."""
        answer = await self.send("POST", path, json={path.rsplit("/", maxsplit=1)[-1]: bodies})
        assert answer.status_code == 201, answer.text
        body = _body(answer)
        assert set(body) == {"sourcedIdPairs"}
        for pair in body["sourcedIdPairs"]:
            check_fields(pair, {"suppliedSourcedId": text, "allocatedSourcedId": text}, {})
        pairs = {
            pair["suppliedSourcedId"]: pair["allocatedSourcedId"] for pair in body["sourcedIdPairs"]
        }
        assert list(pairs) == [one["sourcedId"] for one in bodies]
        return pairs

    async def refused(self, method: str, path: str, **arguments: Any) -> tuple[int, str]:
        """Send what is refused; returns the status and the standard's code for it."""
        answer = await self.send(method, path, **arguments)
        return check_status_info(answer)

    async def send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Send one request with the token."""
        headers = {"Authorization": f"Bearer {self.token}", **arguments.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **arguments)


def check_status_info(answer: httpx.Response) -> tuple[int, str]:
    """Hold an error to the standard's form; returns its status and code."""
    assert answer.status_code >= 400, answer.text
    body = _body(answer)
    check_fields(
        body,
        {
            "imsx_codeMajor": word("failure", "unsupported", extensible=False),
            "imsx_severity": word("error", extensible=False),
            "imsx_description": text,
            "imsx_CodeMinor": metadata,
        },
        {},
    )
    assert set(body["imsx_CodeMinor"]) == {"imsx_codeMinorField"}
    (field,) = body["imsx_CodeMinor"]["imsx_codeMinorField"]
    check_fields(field, {"imsx_codeMinorFieldName": text, "imsx_codeMinorFieldValue": text}, {})
    code = field["imsx_codeMinorFieldValue"]
    assert code in _CODES[answer.status_code], (answer.status_code, code)
    return answer.status_code, code


def check_object(singular: str, value: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
    """Hold an object to its table; one of which only some fields were asked for to these."""
    required, optional = OBJECTS[singular]
    all_required = {**BASE, **required}
    known = {**optional, **all_required, "metadata": metadata}
    if "fields" in parameters:
        assert set(value) <= set(parameters["fields"].split(",")), value
        all_required = {}
    # Of what is deleted perhaps nothing more is known.
    elif value.get("status") == "tobedeleted":
        all_required = BASE
    check_fields(value, all_required, known)


def links_of(answer: httpx.Response) -> dict[str, str]:
    """Return the links of a page by their relation."""
    return {rel: url for url, rel in _LINK.findall(answer.headers.get("link", ""))}


def _body(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/json", answer.headers
    body = answer.json()
    assert isinstance(body, dict), body
    return body
