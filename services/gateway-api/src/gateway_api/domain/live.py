"""Which live events a reader asked for. An event says of its campaign what there is to go by."""

from uuid import UUID

import msgspec

from volley_contracts import AlertRaised, CampaignMoved, Event, LiveFigures, Status


class Subject(msgspec.Struct, frozen=True):
    """The campaign that an event is about, as far as the event says. A move is about both its statuses."""

    campaign_id: UUID | None = None
    name: str | None = None
    statuses: tuple[Status | None, ...] = ()
    tags: tuple[str, ...] = ()


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign must be for its events to be wanted, as on the list of campaigns; None and () ask for nothing."""

    campaign_id: UUID | None = None
    name: str | None = None
    statuses: tuple[Status, ...] = ()
    tags: tuple[str, ...] = ()

    def matches(self, subject: Subject) -> bool:
        """Alerts say no name, and the end of one no campaign: those are wanted by everybody."""
        if self.campaign_id and subject.campaign_id and self.campaign_id != subject.campaign_id:
            return False
        if subject.name is None:
            return True
        return (
            (self.name is None or self.name.lower() in subject.name.lower())
            and (not self.statuses or not set(self.statuses).isdisjoint(subject.statuses))
            and set(self.tags) <= set(subject.tags)
        )


def subject_of(event: Event) -> Subject:
    match event:
        case LiveFigures():
            return Subject(event.campaign_id, event.name or "", (event.status,), event.tags)
        case CampaignMoved():
            statuses = (event.status_from, event.status_to)
            return Subject(event.campaign_id, event.campaign_name, statuses, event.tags or ())
        case AlertRaised():
            return Subject(event.campaign_id)
        case _:
            return Subject()
