"""The domain's exceptions as problem details. A handler stands here for each exception that a route may let through."""

from typing import Any

import asyncpg
from litestar import Request, Response

from campaign_svc.clients.internal import UnavailableError
from campaign_svc.domain.campaign import NoSuchCampaignError
from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.domain.draft import NotEditableError
from campaign_svc.domain.fault import InvalidDraftError
from campaign_svc.domain.lifecycle import CauseHoldsError, IllegalMoveError
from campaign_svc.handlers.answer_person import NoSuchConversationError, NotAnswerableError
from campaign_svc.handlers.change_segment import NameTakenError, NotFinishedError
from campaign_svc.handlers.change_sender import AddressTakenError, SenderInUseError
from campaign_svc.handlers.follow_waves import NoNextWaveError
from campaign_svc.handlers.review_campaign import NotWaitingError, OtherContentError, OwnCampaignError
from campaign_svc.handlers.save_contact import NumberTakenError
from campaign_svc.handlers.send_test import RefusedTextError, TooManyTestsError
from volley_chassis.problems import FieldError, Problem, invalid, not_found, render

AnyRequest = Request[Any, Any, Any]


def _no_such_campaign(_request: AnyRequest, _error: NoSuchCampaignError) -> Response[bytes]:
    return render(not_found("campaign"))


def _illegal_move(_request: AnyRequest, error: IllegalMoveError) -> Response[bytes]:
    return render(
        Problem(
            409,
            "illegal_move",
            f"The campaign is {error.status}: {error.move} is not possible. Possible: {', '.join(error.allowed)}.",
            campaign_status=error.status,
            allowed=error.allowed,
        )
    )


def _no_next_wave(_request: AnyRequest, _error: NoNextWaveError) -> Response[bytes]:
    return render(Problem(409, "no_next_wave", "The campaign has no further wave: the last one has begun."))


def _cause_holds(_request: AnyRequest, error: CauseHoldsError) -> Response[bytes]:
    return render(Problem(409, "cause_holds", str(error), cause=error.code, missing=error.missing))


def _invalid_draft(_request: AnyRequest, error: InvalidDraftError) -> Response[bytes]:
    return render(invalid(*(FieldError(fault.field, fault.message, fault.fix) for fault in error.faults)))


def _not_editable(_request: AnyRequest, error: NotEditableError) -> Response[bytes]:
    problem = Problem(
        409,
        "not_editable",
        str(error),
        campaign_status=error.status,
        fields=error.fields,
        editable=error.editable,
    )
    return render(problem)


def _not_waiting(_request: AnyRequest, _error: NotWaitingError) -> Response[bytes]:
    return render(
        Problem(409, "not_waiting", "The campaign does not wait for a reviewer: see GET /v1/moderation/queue.")
    )


def _other_content(_request: AnyRequest, _error: OtherContentError) -> Response[bytes]:
    detail = "The content was changed after you saw it: look at it again, then decide with the content_hash of now."
    return render(Problem(409, "content_changed", detail))


def _own_campaign(_request: AnyRequest, _error: OwnCampaignError) -> Response[bytes]:
    detail = (
        "You created, edited or submitted this campaign yourself, by session, API key or command. "
        "Somebody else must decide about it."
    )
    return render(Problem(403, "own_campaign", detail))


def _refused_text(_request: AnyRequest, error: RefusedTextError) -> Response[bytes]:
    detail = "Moderation would reject this text, so it may not be tried out either. See findings."
    return render(Problem(409, "content_rejected", detail, findings=error.findings))


def _too_many_tests(_request: AnyRequest, error: TooManyTestsError) -> Response[bytes]:
    after = {"retry-after": str(max(1, int(error.wait.total_seconds())))}
    return render(Problem(429, "too_many_tests", f"{error} Wait, or test with fewer numbers.", headers=after))


def _no_such_conversation(_request: AnyRequest, _error: NoSuchConversationError) -> Response[bytes]:
    return render(not_found("conversation"))


def _not_answerable(_request: AnyRequest, error: NotAnswerableError) -> Response[bytes]:
    return render(Problem(409, error.code, str(error)))


def _unavailable(_request: AnyRequest, _error: UnavailableError) -> Response[bytes]:
    detail = "Another part of Volley does not answer. Try again in a few seconds."
    return render(Problem(503, "unavailable", detail, headers={"retry-after": "2"}))


def _busy(_request: AnyRequest, _error: asyncpg.LockNotAvailableError) -> Response[bytes]:
    detail = "The campaign is being prepared just now. Try again in a few seconds."
    return render(Problem(503, "busy", detail, headers={"retry-after": "5"}))


def _illegal_field(_request: AnyRequest, error: IllegalFieldError) -> Response[bytes]:
    return render(invalid(FieldError(error.field, error.message, error.fix)))


def _number_taken(_request: AnyRequest, error: NumberTakenError) -> Response[bytes]:
    return render(Problem(409, "number_taken", f"{error} Change that one.", contact_id=error.contact_id))


def _address_taken(_request: AnyRequest, _error: AddressTakenError) -> Response[bytes]:
    return render(Problem(409, "address_taken", "There is a sender with this address already. Change that one."))


def _sender_in_use(_request: AnyRequest, error: SenderInUseError) -> Response[bytes]:
    return render(Problem(409, "in_use", f"{error} Wait for them or abort them.", campaigns=error.campaigns))


def _name_taken(_request: AnyRequest, error: NameTakenError) -> Response[bytes]:
    return render(Problem(409, "name_taken", str(error)))


def _not_finished(_request: AnyRequest, _error: NotFinishedError) -> Response[bytes]:
    return render(
        Problem(409, "not_finished", "The campaign is not finished: more people may click. Wait for its end.")
    )


HANDLERS: dict[Any, Any] = {
    NoSuchCampaignError: _no_such_campaign,
    IllegalMoveError: _illegal_move,
    NoNextWaveError: _no_next_wave,
    NameTakenError: _name_taken,
    NotFinishedError: _not_finished,
    CauseHoldsError: _cause_holds,
    InvalidDraftError: _invalid_draft,
    NotEditableError: _not_editable,
    NotWaitingError: _not_waiting,
    OtherContentError: _other_content,
    OwnCampaignError: _own_campaign,
    RefusedTextError: _refused_text,
    TooManyTestsError: _too_many_tests,
    NoSuchConversationError: _no_such_conversation,
    NotAnswerableError: _not_answerable,
    UnavailableError: _unavailable,
    asyncpg.LockNotAvailableError: _busy,
    IllegalFieldError: _illegal_field,
    NumberTakenError: _number_taken,
    AddressTakenError: _address_taken,
    SenderInUseError: _sender_in_use,
}
