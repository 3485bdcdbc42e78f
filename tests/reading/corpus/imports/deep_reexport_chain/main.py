from a import act

act()
