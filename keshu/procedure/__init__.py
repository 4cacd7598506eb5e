"""Procedure: states and transitions as data, run by one function move(). A record and an action come in; an immutable entry goes out."""
