"""The web page: what is waiting, why, and how the service is doing."""
