"""The steps of an application: who takes them, what must hold, what follows. ``applying`` up to the approval, ``running`` after it."""
