"""Every event of Volley, declared once: structs, the topic table, encoding, schemas and examples.

>>> sorted(DECLARED)[0]
'volley.alert.raised.v1'
"""

from volley_contracts import topics
from volley_contracts.campaigns import (
    SENDABLE,
    AlertRaised,
    AlertResolved,
    CampaignBatch,
    CampaignMoved,
    ContactErased,
    Content,
    Recipients,
    Sender,
    SenderChanged,
    SenderKind,
    Status,
    SuppressionChanged,
    SuppressionReason,
)
from volley_contracts.commands import CommandAnswered, CommandProblem, CreateCampaign, SubmitCampaign
from volley_contracts.content import content_hash
from volley_contracts.events import (
    DECLARED,
    Declaration,
    Event,
    UndecodableError,
    declaration_of,
    decode,
    encode,
    is_aside,
    key_of,
    new_aside_id,
    new_id,
    now,
)
from volley_contracts.links import (
    BotReason,
    Clicks,
    LinkedBatch,
    Links,
    OptedOut,
    PoolExhausted,
    PoolRefilled,
)
from volley_contracts.messages import (
    NOT_SENT,
    InboundMessage,
    MessageOutcomes,
    MessageOutcomesRevised,
    MessageReceipts,
    Outcome,
    ReceiptStatus,
    RouteHealth,
)
from volley_contracts.stats import LiveFigures
from volley_contracts.topics import TOPICS, Topic

__all__ = [
    "DECLARED",
    "NOT_SENT",
    "SENDABLE",
    "TOPICS",
    "AlertRaised",
    "AlertResolved",
    "BotReason",
    "CampaignBatch",
    "CampaignMoved",
    "Clicks",
    "CommandAnswered",
    "CommandProblem",
    "ContactErased",
    "Content",
    "CreateCampaign",
    "Declaration",
    "Event",
    "InboundMessage",
    "LinkedBatch",
    "Links",
    "LiveFigures",
    "MessageOutcomes",
    "MessageOutcomesRevised",
    "MessageReceipts",
    "OptedOut",
    "Outcome",
    "PoolExhausted",
    "PoolRefilled",
    "ReceiptStatus",
    "Recipients",
    "RouteHealth",
    "Sender",
    "SenderChanged",
    "SenderKind",
    "Status",
    "SubmitCampaign",
    "SuppressionChanged",
    "SuppressionReason",
    "Topic",
    "UndecodableError",
    "content_hash",
    "declaration_of",
    "decode",
    "encode",
    "is_aside",
    "key_of",
    "new_aside_id",
    "new_id",
    "now",
    "topics",
]
