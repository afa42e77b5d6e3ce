"""What any server process needs: clock, logs, data folder. Knows nothing about chat."""
