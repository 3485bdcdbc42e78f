"""The walkthrough: a recorded request as a site that a class reads step by step."""
