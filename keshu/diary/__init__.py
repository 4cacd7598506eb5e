"""Diary: what is due, reminders, the file of an organisation, lines of business on and off. Deadlines of registers come in; days, texts and refusals go out."""
