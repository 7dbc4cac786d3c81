"""What is asked at the token, and which presses answer it."""
