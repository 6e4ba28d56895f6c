"""Event cameras: streams of (time, x, y, polarity), real ones from files and synthetic ones from images."""
