"""An SMS provider to test against: SMPP and HTTP, a ledger of everything, phones that react, and misbehaviour."""

from volley_tools.simulator.options import Options
from volley_tools.simulator.simulator import Simulator

__all__ = ["Options", "Simulator"]
