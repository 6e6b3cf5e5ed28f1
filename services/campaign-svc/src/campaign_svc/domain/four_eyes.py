"""Four eyes: nobody decides about a campaign that they had a hand in, by whatever way they had it."""

import msgspec

from campaign_svc.domain.campaign import Campaign


def sign(campaign: Campaign, person: str) -> Campaign:
    """The campaign as one that `person` created, edited or submitted."""
    if person in campaign.authors:
        return campaign
    return msgspec.structs.replace(campaign, authors=(*campaign.authors, person))


def hands(campaign: Campaign) -> list[str]:
    """Who created, edited and submitted it."""
    submitted = [campaign.submitted_by] if campaign.submitted_by else []
    return list(dict.fromkeys([campaign.created_by, *campaign.authors, *submitted]))


def had_a_hand_in(campaign: Campaign, *names: str) -> bool:
    """Whether one of these names, all of one person, stands for somebody who created, edited or submitted it."""
    return not {_person(name) for name in names}.isdisjoint(map(_person, hands(campaign)))


def _person(name: str) -> str:
    """A session says user:ada@shop.example, another service's command only service:ada@shop.example."""
    return name.removeprefix("service:").removeprefix("user:").lower()
