"""Attacks on a real server: each is refused, in bounded time and memory, while others are answered."""
