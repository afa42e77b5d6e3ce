"""What any server process needs: its clock, its logs, its data folder. Knows nothing about chat."""
