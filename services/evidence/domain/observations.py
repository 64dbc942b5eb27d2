"""What an object shows, part by part, and what has to be known beside it to say so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.evidence.domain.model import Refusal
from services.evidence.domain.source_object import (
    ItemAlignment,
    Json,
    ObjectKey,
    Observation,
    SourceObject,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PartRefusal:
    """Why one part of an object is no observation, while the others are.

    part: as in `Observation`. item: the key whose alignment it waits for; empty where it waits for
    none.
    """

    part: str
    refusal: Refusal
    item: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Observations:
    """What an object shows, and which of its parts show nothing that can be kept."""

    observations: tuple[Observation, ...] = ()
    refused: tuple[PartRefusal, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """What has to be looked up to read an object: other objects, and alignments by item."""

    objects: tuple[ObjectKey, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What was found of it where contents are enough; what is absent is not known yet."""

    objects: Mapping[ObjectKey, Mapping[str, Json]] = field(default_factory=dict)
    items: Mapping[str, ItemAlignment] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What was found of it; what is absent is not known yet.

    children: what stands within each object, that which is read among them.
    """

    objects: Mapping[ObjectKey, SourceObject] = field(default_factory=dict)
    children: Mapping[ObjectKey, Sequence[SourceObject]] = field(default_factory=dict)
    items: Mapping[str, ItemAlignment] = field(default_factory=dict)
