try:
    from missing_accelerator import act
except ImportError:
    from slow import act

act()
