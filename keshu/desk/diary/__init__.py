"""日程 pages: what is due, the feed, the outbox of reminders, messages, lines of business on and off. Questions come in by the address, moves by POST."""
