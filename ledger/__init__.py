"""What we saw, concluded and owe: mentions, links, alerts, steps, outbox, cursors."""
