"""Pages of imports: a file of figures comes in, its preview and its refused rows go out, and it is applied as a whole or not."""
