"""What guestscope.py is made of: session and kernel are the ground, the others are commands."""
