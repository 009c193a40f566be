"""What the company knows: customers, contact points, cases and messages. Never written to by the service."""
