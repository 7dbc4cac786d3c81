"""The device application. The host never imports it."""
