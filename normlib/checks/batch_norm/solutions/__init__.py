"""One answer for each exercise, as a learner would write it."""
