"""督办: what is not closed and who holds it; issuing an order; how organisations stand. Records are the register's pages."""
