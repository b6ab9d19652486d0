"""What two pictures share and where they differ, as facts that can be checked, and those facts as a sentence."""
