"""Every metric of the service, one line of meaning each."""

from prometheus_client import Counter

MOVES = Counter("volley_campaign_moves_total", "Moves of campaigns.", ["move", "status_to"])
BATCHES = Counter("volley_campaign_batches_total", "Batches handed to Kafka; one that is published again counts again.")
RECIPIENTS = Counter("volley_campaign_recipients_fed_total", "Recipients in batches that were recorded.")
OUTCOMES = Counter("volley_campaign_outcomes_total", "Recipients whose outcome was counted.", ["outcome"])
PREPARED = Counter("volley_campaign_prepared_total", "Campaigns that left processing.", ["verdict"])
IMPORTED = Counter("volley_contacts_imported_total", "Rows of contact files by what became of them.", ["result"])
