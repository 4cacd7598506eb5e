"""The steps of a need: up to the notice, and from the contract to the payment."""
