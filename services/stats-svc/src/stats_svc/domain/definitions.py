"""What every figure means, in one place: for the API, and for the page that is made from it."""

import msgspec

from stats_svc.domain.comparison import ERROR, MIN_CLICKERS, MIN_REACHED
from stats_svc.domain.rates import DEFINITION


class Definition(msgspec.Struct, frozen=True):
    """`name` as answers spell it."""

    name: str
    meaning: str


DEFINITIONS = [
    Definition("submitted", "Messages that a provider took. On pages: sent."),
    Definition(
        "delivered", "Messages whose delivery receipt says that they arrived; long ones, when all their parts have."
    ),
    Definition(
        "undelivered", "Messages whose receipt says that they did not arrive: undelivered, expired or rejected."
    ),
    Definition("failed", "Messages that every route refused for good."),
    Definition(
        "unknown",
        "Messages of which a crash took the answer: a provider may have them. A receipt or a question settles most; "
        "none is sent again.",
    ),
    Definition("suppressed", "Recipients who had opted out, or were barred, by the time their message was due."),
    Definition(
        "cancelled",
        "Recipients whose message was not sent because the campaign was aborted: whoever has no other outcome. Those "
        "whose turn had not come stand in the totals alone, not among variants and countries.",
    ),
    Definition("parts", "Billed parts of the messages that were submitted."),
    Definition("cost", "The sum of parts times the rate card's price when they were sent, exact to the last decimal."),
    Definition("clicks_raw", "Answered requests for short URLs, by people and machines."),
    Definition("clicks_human", "Those without a machine's reason (preview, scanner, prefetch, HEAD, no user agent)."),
    Definition("clickers", "Recipients who clicked as people, each once."),
    Definition("ctr", DEFINITION),
    Definition(
        "ctr_over",
        "What the click rate divides by: delivered messages, or submitted ones where no route reports delivery.",
    ),
    Definition("optouts", "Recipients who opted out of this campaign, each once, by the way that came first."),
    Definition("optouts_page", "Of these, who pressed the button of the opt-out page. Opening the page is none."),
    Definition("optouts_reply", "Of these, who answered STOP or another such word."),
    Definition("replies", "Messages that people wrote back, each one; STOP, HELP, START and such words are none."),
    Definition(
        "country",
        "The recipient's, not where they are. Clicks and opt-outs from before they were told by country stand in the "
        "totals alone.",
    ),
    Definition(
        "sends",
        "In a series: messages that a provider took in that minute, hour or day (UTC). Every figure of a series stands "
        "where it happened: who was sent a message in one hour may click in another.",
    ),
    Definition("deliveries", "In a series: messages that arrived in that step, as their receipts say."),
    Definition(
        "winner",
        f"The variant that is clicked more often than every other. The chance that one is named where none is better "
        f"is at most {ERROR:.0%}, however often one looks: the evidence is valid at any time. It takes "
        f"{MIN_REACHED} messages of each variant that arrived, and {MIN_CLICKERS} people who clicked.",
    ),
]
