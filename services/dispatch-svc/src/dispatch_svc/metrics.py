"""The metrics of dispatch-svc's queue and pacing. Those of routes stand beside their clients."""

from prometheus_client import Counter, Gauge, Histogram

PIECES = Counter("volley_dispatch_pieces_total", "Pieces of batches that were taken into the queue.")
MESSAGES = Counter("volley_dispatch_messages_total", "Recipients that were settled, by outcome.", ["outcome"])
RETURNED = Counter("volley_dispatch_returned_total", "Recipients that went back into the queue.", ["reason"])
PARTS = Counter("volley_dispatch_parts_total", "Parts that providers accepted.")
MISSED = Counter("volley_dispatch_missed_slots_total", "Slots of the pace that passed before they could be used.")
PERMITS_UNREACHABLE = Counter("volley_dispatch_permits_unreachable_total", "Permits asked for while Redis was away.")
BROKEN_SLICES = Counter("volley_dispatch_broken_slices_total", "Slices that failed for no known reason; see the log.")
IN_FLIGHT = Gauge("volley_dispatch_messages_in_flight", "Messages leased by this process and not settled.")
SENDERS = Gauge("volley_dispatch_senders", "Senders that have work in this process.")
SETTLE_SECONDS = Histogram("volley_dispatch_settle_seconds", "How long it takes to settle a slice.")
RECOVERED = Counter("volley_dispatch_recovered_total", "Recipients of dead processes' slices, by verdict.", ["verdict"])
RECEIPTS = Counter("volley_dispatch_receipts_total", "Receipts from providers, by what was done.", ["result"])
INBOUND = Counter("volley_dispatch_inbound_total", "Messages from phones, by keyword.", ["keyword"])
OWNERSHIP_LOST = Counter("volley_dispatch_ownership_lost_total", "Times that the owner's connection broke.")
