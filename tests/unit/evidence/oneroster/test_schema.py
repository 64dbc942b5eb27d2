"""The table of OneRoster's collections holds together, and its headers are the standard's."""

import pytest

from services.evidence.domain.oneroster.fields import FieldType, Version
from services.evidence.domain.oneroster.schema import FILES, SCHEMA, nested_collections
from services.evidence.domain.source_object import Collection

USERS_1_1 = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,"
    "familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password"
)
RESULTS_1_2 = (
    "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,"
    "scoreDate,comment,textScore,classSourcedId,inProgress,incomplete,late,missing"
)


def test_headers_are_those_of_the_standard():
    """The header of a file is exact, down to the order, in both versions."""
    assert ",".join(SCHEMA[Collection.USERS].tables[Version.V1_1].headers) == USERS_1_1
    assert ",".join(SCHEMA[Collection.RESULTS].tables[Version.V1_2].headers) == RESULTS_1_2


@pytest.mark.parametrize(("version", "count"), [(Version.V1_1, 13), (Version.V1_2, 21)])
def test_each_version_has_its_files(version, count):
    """1.1 has 13 data files, 1.2 has 21; the manifest comes on top."""
    assert len(FILES[version]) == count


@pytest.mark.parametrize("schema", SCHEMA.values(), ids=lambda schema: schema.plural)
def test_a_schema_holds_together(schema):
    """References lead to a collection, structures have fields, vocabularies have words."""
    for field in schema.fields:
        reference = field.type in (FieldType.REFERENCE, FieldType.REFERENCES)
        assert (field.target in SCHEMA) == (reference or field.name == "userProfile")
        assert bool(field.fields) == (field.type is FieldType.STRUCTURES)
        assert bool(field.words) == (field.type in (FieldType.WORD, FieldType.WORDS))
        if field.nested is not None:
            parent = SCHEMA[field.nested].parent
            assert parent is not None
            assert (parent.collection, parent.field) == (schema.collection, field.name)
    if schema.parent is not None:
        assert schema.collection in nested_collections(schema.parent.collection)
        assert schema.by_name[schema.parent.reference].target is schema.parent.collection


@pytest.mark.parametrize("schema", SCHEMA.values(), ids=lambda schema: schema.plural)
def test_names_are_there_once(schema):
    """No two fields of an object share a name, no two columns of a file a header."""
    assert len(schema.by_name) == len(schema.fields)
    for table in schema.tables.values():
        assert len(set(table.headers)) == len(table.headers)
