"""What an actor may see. No ambient user: every read says for whom (``visible_to``) or why not (``for_system``)."""

from collections.abc import Iterator
from typing import Any, Self

from django.db import models
from django.db.models import Q

from keshu.directory.actors import Actor
from keshu.journal.recorded import RecordedQuerySet


class ScopeMissing(RuntimeError):
    """A scoped model was read without saying for whom."""


class ScopedQuerySet(models.QuerySet):
    """A queryset that refuses to be evaluated until its scope is named."""

    _cleared = False

    def _clone(self) -> Self:
        clone = super()._clone()
        clone._cleared = self._cleared
        return clone

    def visible_to(self, actor: Actor) -> Self:
        """Rows whose region, organisation or assignment is the actor's; declared per model as ``scope_path``."""
        clone = self._clear()
        if actor.sees_all:
            return clone
        paths = self.model.scope_paths
        allowed = Q(pk__in=[])
        if "region" in paths:
            allowed |= Q(**{f"{paths['region']}__in": actor.region_ids})
        if "unit" in paths and actor.unit_ids:
            allowed |= Q(**{f"{paths['unit']}__in": actor.unit_ids})
        if "assigned" in paths and actor.unit_ids:
            allowed |= Q(**{f"{paths['assigned']}__in": actor.unit_ids})
        if "account" in paths and actor.account_id:
            allowed |= Q(**{paths["account"]: actor.account_id})
        return clone.filter(allowed)

    def for_system(self, reason: str) -> Self:
        """All rows, for a computation that is masked later or has no person behind it; the reason is for the reader."""
        if not reason:
            raise ScopeMissing("for_system 要写明理由。")
        return self._clear()

    def _clear(self) -> Self:
        clone = self._chain()
        clone._cleared = True
        return clone

    def _check(self) -> None:
        if not self._cleared:
            raise ScopeMissing(f"{self.model.__name__} 要先说给谁看：visible_to(actor) 或 for_system(理由)。")

    def _fetch_all(self) -> None:
        self._check()
        super()._fetch_all()

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        self._check()
        return super().iterator(*args, **kwargs)

    def count(self) -> int:
        self._check()
        return super().count()

    def exists(self) -> bool:
        self._check()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._check()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        self._check()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._check()
        return super().delete()


class ScopedRecordedQuerySet(ScopedQuerySet, RecordedQuerySet):
    """Scoped reads and no writes past the history."""
