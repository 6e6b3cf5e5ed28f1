"""The whole platform as plain processes on one machine: servers, services, and the supervisor over them."""
